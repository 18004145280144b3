"""Reporting platforms get every case once, and nothing about a person unless that was agreed."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from routing import export, open_doors
from routing.__main__ import parser
from routing.case_desk import open_case, perform
from routing.cases import Action, Role
from routing.catalogue import shipped
from routing.dispatch import Report, propose
from routing.grids import sample
from routing.looks import looks_at
from routing.settings import Settings

NOW = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)
DAY = timedelta(days=1)
PERSONAL = ("13812345678", "王女士", "wang@example.cn")


def lamp(session, now=NOW, text="泰安名苑路灯不亮，回电13812345678", **more):
    report = Report(text, "泰安名苑", "0203", "13812345678", point=(40.8, 111.6), other_contact="wang@example.cn")
    made = propose(report, shipped(), sample())
    return open_case(session, report, made, now, actor="op1001", contact_name="王女士", **more).number


def test_a_case_goes_out_under_the_names_of_the_field_list(session):
    number = lamp(session)
    perform(session, number, Action.SIGN, NOW + DAY, actor="h", role=Role.DEPARTMENT, unit="urban_mgmt.hbw")
    (line,) = export.cases(session, NOW, NOW + DAY)
    assert list(line) == export.columns(with_contact=False)
    assert (line["case_number"], line["taxonomy_code"], line["lead_unit"]) == (number, "0203", "urban_mgmt.hbw")
    assert (line["signed_at"], line["lat"]) == ((NOW + DAY).isoformat(), 40.8)
    assert line["narrative"].startswith("泰安名苑路灯不亮")


def test_nobody_is_named_unless_it_was_agreed(session):
    lamp(session)
    lamp(session, privacy="anonymous")
    shown, hidden = export.cases(session, NOW, NOW + DAY)
    assert not [word for word in PERSONAL if word in json.dumps([shown, hidden], ensure_ascii=False)]
    assert (hidden["narrative"], hidden["address_text"], hidden["lat"]) == ("", "", None)
    whole = next(export.cases(session, NOW, NOW + DAY, with_contact=True))
    assert (whole["phone"], whole["name"], whole["other_contact"]) == PERSONAL


def test_day_after_day_every_case_goes_out_once_and_in_the_same_order(session):
    numbers = [lamp(session, NOW + hours * timedelta(hours=6)) for hours in range(10)]
    days = [NOW + DAY * n for n in range(4)]
    parts = [[c["case_number"] for c in export.cases(session, a, b)] for a, b in pairwise(days)]
    assert [number for part in parts for number in part] == numbers
    assert [c["case_number"] for c in export.cases(session, days[0], days[-1])] == numbers


def test_a_spreadsheet_computes_nothing_of_what_a_citizen_wrote(session):
    lamp(session, text="=1+1,\n下一行")
    target = io.StringIO()
    assert export.write(export.cases(session, NOW, NOW + DAY), "csv", target, with_contact=False) == 1
    (row,) = csv.DictReader(io.StringIO(target.getvalue().removeprefix("\ufeff"), newline=""))
    assert row["narrative"] == "'=1+1,\n下一行"


def test_the_command_writes_a_line_per_case(session, office_url):
    numbers, told = [lamp(session), lamp(session)], io.StringIO()
    chosen = parser().parse_args(["export", "--since", "2026-03-01", "--until", "2026-04-01"])
    open_doors.run(chosen, Settings(database_url=office_url), told)
    assert [json.loads(line)["case_number"] for line in told.getvalue().splitlines()] == numbers


def test_a_citizen_can_learn_that_the_number_went_out_and_what_for(session, office_url, monkeypatch):
    monkeypatch.setattr(export, "AT_ONCE", 1)  # written between two lines that are read
    numbers = [lamp(session), lamp(session)]
    words = ["export", "--since", "2026-03-01", "--until", "2026-04-01", "--with-contact"]
    with pytest.raises(open_doors.Refused, match="purpose"):
        open_doors.run(parser().parse_args(words), Settings(database_url=office_url), io.StringIO())
    told = io.StringIO()
    chosen = parser().parse_args([*words, "--purpose", "agreement 2026-7"])
    open_doors.run(chosen, Settings(database_url=office_url), told)
    assert [json.loads(line)["phone"] for line in told.getvalue().splitlines()] == ["13812345678"] * 2
    for number in numbers:
        assert [(look.actor, look.purpose) for look in looks_at(session, number)] == [
            ("export", "export:agreement 2026-7")
        ]

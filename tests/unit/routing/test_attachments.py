"""Photographs and documents of a case: kept with it, seen by who may see it, gone with it."""

import os
import stat
import time
from datetime import UTC, datetime, timedelta

import pytest
from photos import PDF, photo
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from routing import attachments, holds, schema
from routing.attaching import Purpose, TooManyFiles
from routing.audit import wrong_events
from routing.case_desk import Conflict, NoSuchCase, open_case, perform
from routing.case_views import NotYours, Viewer
from routing.cases import Action, NotAllowed, Role
from routing.catalogue import shipped
from routing.database import connect, writing
from routing.dispatch import Report, propose
from routing.file_store import FileStore
from routing.grids import sample
from routing.looks import looks_at
from routing.office import Office
from routing.pictures import Limits, clean
from routing.retention import Periods
from routing.retention_desk import erase
from routing.tables import AttachmentRow, CaseEventRow

NOW = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)
LIMITS = Limits(side=64, per_case=3)
LAMP = Report("泰安名苑门口路灯不亮", place="泰安名苑", matter="0203")
UNIT = "urban_mgmt.hbw"


@pytest.fixture
def office(tmp_path):
    return Office(files=FileStore(tmp_path / "files"), limits=LIMITS)


def picture(mark=0):
    return clean(photo(mark=mark), LIMITS)


def write(session, office, *files, now=NOW):
    made = propose(LAMP, shipped(), sample())
    return open_case(session, LAMP, made, now, actor="op1001", office=office, files=files).number


def do(session, number, action, role, office, *files, unit=None, now=NOW, **given):
    return perform(
        session, number, action, now, actor=f"a {role}", role=role, unit=unit, given=given, office=office, files=files
    )


def lying(office):
    return sorted(p.name for p in office.files._folder.glob("*/*"))


def test_a_citizens_photograph_and_the_units_lie_with_the_case_for_the_owner_only(session, office):
    number = write(session, office, picture(1))
    do(session, number, Action.SIGN, Role.DEPARTMENT, office, unit=UNIT)
    done = [picture(2), clean(PDF, LIMITS)]
    do(session, number, Action.REPLY, Role.DEPARTMENT, office, *done, unit=UNIT, reply="换了灯泡", contacted="已电话")
    found = attachments.of_case(session, number)
    assert [(a.purpose, a.media, a.role) for a in found] == [
        (Purpose.REPORT, "image/jpeg", "operator"), (Purpose.REPLY, "image/jpeg", "unit"),
        (Purpose.REPLY, "application/pdf", "unit"),
    ]  # fmt: skip
    assert [a.size for a in found] == [os.stat(office.files.path(a.sha256)).st_size for a in found]
    for path in (office.files.path(found[0].sha256), office.files.path(found[0].sha256).parent):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0


def test_the_chain_counts_every_file_by_its_hash_and_nothing_else(session, office):
    kept = picture()
    number = write(session, office, kept, kept)
    events = session.scalars(select(CaseEventRow).where(CaseEventRow.case == number).order_by(CaseEventRow.version))
    assert [(e.action, e.data) for e in events][1:] == [("attach", {"sha256": kept.sha256, "purpose": "report"})]
    assert list(wrong_events(session)) == []


def test_nothing_is_kept_of_a_step_that_is_refused(session, office):
    number = write(session, office)
    for refused, given in ((NotAllowed, {}), (Conflict, {"version": 7})):
        with pytest.raises(refused):
            perform(session, number, Action.REPLY, NOW, actor="x", role=Role.DEPARTMENT, unit=UNIT, office=office,
                    files=[picture()], given={"reply": "x", "contacted": "x"}, **given)  # fmt: skip
    with pytest.raises(NotAllowed):
        do(session, number, Action.NOTE, Role.DEPARTMENT, Office(limits=LIMITS), picture(), unit=UNIT, note="n")
    assert attachments.of_case(session, number) == []
    assert lying(office) == []


def test_a_case_has_so_many_files_and_no_more(session, office):
    number = write(session, office, picture(1), picture(2))
    with pytest.raises(TooManyFiles):
        do(session, number, Action.NOTE, Role.OPERATOR, office, picture(3), picture(4), note="还有")
    assert len(attachments.of_case(session, number)) == 2


def test_who_may_not_see_the_case_sees_no_file_and_every_look_is_written_down(session, office):
    number, other = write(session, office, picture()), write(session, office)
    (file,) = attachments.of_case(session, number)
    session.rollback()
    assert attachments.looked_at(session, number, file.id, Viewer("anna", UNIT), NOW).sha256 == file.sha256
    attachments.looked_at(session, number, file.id, Viewer("op1001"), NOW)
    with pytest.raises(NotYours):
        attachments.looked_at(session, number, file.id, Viewer("eve", "urban_mgmt.wd"), NOW)
    with pytest.raises(NoSuchCase):
        attachments.looked_at(session, other, file.id, Viewer("op1001"), NOW)
    purpose = f"查看附件{file.id}"
    assert [(look.at, look.actor, look.purpose) for look in looks_at(session, number)] == [
        (NOW, "anna", purpose),
        (NOW, "op1001", purpose),
    ]


def ended(session, office, *files):
    number = write(session, office, *files)
    do(session, number, Action.WITHDRAW, Role.OPERATOR, office, words="已经亮了")
    do(session, number, Action.ARCHIVE, Role.SYSTEM, office)
    return number


def test_the_files_go_with_the_words_of_the_case_unless_another_case_has_them_or_it_is_held(
    session, engine, office, tmp_path
):
    shared, alone, kept = picture(1), picture(2), picture(3)
    due, held = ended(session, office, shared, alone), ended(session, office, kept)
    running = write(session, office, shared, now=NOW + timedelta(days=1200))
    with writing(engine) as other, other.begin():
        holds.add(other, held, "诉讼", "法制科", NOW)
    done = erase(engine, NOW + timedelta(days=1300), Periods(), tmp_path, office=office)
    assert (done.cases, done.files, done.held) == (1, 1, 1)
    assert lying(office) == sorted([shared.sha256, kept.sha256])
    session.expire_all()
    assert attachments.of_case(session, due) == []
    assert len(attachments.of_case(session, running)) == len(attachments.of_case(session, held)) == 1
    session.rollback()
    row = session.scalars(select(AttachmentRow).where(AttachmentRow.case == due)).first()
    with pytest.raises(NoSuchCase):
        attachments.looked_at(session, due, row.id, Viewer("op1001"), NOW)
    assert list(wrong_events(session)) == []


def test_a_file_that_was_changed_or_taken_away_is_noticed(session, office):
    number = write(session, office, picture(1), picture(2), picture(3))
    changed, missing, _ = attachments.of_case(session, number)
    assert list(attachments.wrong_files(session, office.files)) == []
    office.files.path(changed.sha256).write_bytes(b"other")
    office.files.remove(missing.sha256)
    assert list(attachments.wrong_files(session, office.files)) == [
        f"case {number}: file {changed.id} is not what was brought", f"case {number}: file {missing.id} is missing",
    ]  # fmt: skip


def test_what_a_death_left_behind_goes_a_day_later(session, engine, office, tmp_path):
    number = write(session, office, picture(1))
    known = attachments.of_case(session, number)[0].sha256
    session.rollback()
    fresh, left = (office.files.put(name) for name in (b"fresh", b"left"))
    half = office.files.path(left).with_suffix(".1.part")
    half.write_bytes(b"half")
    before = time.time() - 2 * 24 * 3600
    for path in (office.files.path(known), office.files.path(left), half):
        os.utime(path, (before, before))
    assert erase(engine, NOW, Periods(), tmp_path, office=office).files == 1
    assert lying(office) == sorted([known, fresh])


def test_a_city_goes_back_to_before_there_were_files_and_forth_with_its_cases(office_url, office):
    engine = connect(office_url)
    with Session(engine) as session:
        number = write(session, office, picture())
    schema.downgrade(office_url, "r0008")
    with Session(engine) as session:
        assert session.execute(text("SELECT count(*) FROM cases")).scalar_one() == 1
        assert list(wrong_events(session)) == []
    schema.upgrade(office_url)
    with Session(engine) as session:
        assert attachments.of_case(session, number) == []
    engine.dispose()

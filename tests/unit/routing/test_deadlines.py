from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.catalogue import shipped
from routing.deadlines import Span, deadlines, extended, in_words, return_decided_by
from routing.working_time import HERE, BadCalendar, Calendar, known_until, read_own, warning

PLAIN = Calendar()
SLAS = shipped().slas


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=HERE)


def test_the_spring_festival_and_its_make_up_days_count_as_the_state_council_says():
    assert not PLAIN.works(date(2026, 2, 17))  # new year's day of the horse
    assert PLAIN.works(date(2026, 2, 14))  # a Saturday worked instead
    assert PLAIN.working_days_after(at("2026-02-13T10:00"), 2) == at("2026-02-24T17:30")


def test_a_friday_call_with_one_working_day_is_due_on_monday():
    assert deadlines(SLAS["H5"], at("2026-03-06T16:00"), PLAIN).sign_by == at("2026-03-09T17:30")
    assert deadlines(SLAS["H5"], at("2026-03-06T16:00"), PLAIN).due == at("2026-03-13T17:30")


def test_danger_does_not_wait_for_the_office_to_open():
    limits = deadlines(SLAS["U2"], at("2026-02-17T03:00"), PLAIN)
    assert (limits.sign_by, limits.due) == (at("2026-02-17T03:15"), at("2026-02-17T05:00"))


def test_a_return_is_decided_in_half_a_working_day():
    assert return_decided_by(at("2026-03-06T16:30"), urgent=False, calendar=PLAIN) == at("2026-03-09T11:30")
    assert return_decided_by(at("2026-03-06T16:30"), urgent=True, calendar=PLAIN) == at("2026-03-06T18:30")


def test_one_extension_is_as_long_again():
    assert extended(SLAS["T7"], at("2026-03-06T17:30"), PLAIN) == at("2026-03-17T17:30")
    assert extended(SLAS["M10"], at("2026-03-06T17:30"), PLAIN) is None


moments = st.datetimes(datetime(2025, 1, 1), datetime(2028, 12, 1)).map(lambda t: t.replace(tzinfo=HERE))


@given(start=moments, later=st.timedeltas(timedelta(0), timedelta(days=30)), sla=st.sampled_from(sorted(SLAS)))
def test_a_later_opening_is_never_due_earlier(start, later, sla):
    first, second = (deadlines(SLAS[sla], t, PLAIN) for t in (start, start + later))
    assert first.due <= second.due
    assert start <= first.due
    if first.sign_by is not None:
        assert first.sign_by <= second.sign_by
        assert first.sign_by <= first.due


@given(start=moments, later=st.timedeltas(timedelta(0), timedelta(days=30)))
def test_office_hours_never_run_backwards(start, later):
    four = Span.parse("4 oh")
    assert start < four.after(start, PLAIN) <= four.after(start + later, PLAIN)


def test_a_citys_own_days_come_first_and_bad_lines_are_named(tmp_path):
    file = tmp_path / "days.txt"
    file.write_text("2026-08-18 off # 那达慕\n\n2026-08-22 work\n")
    own = Calendar(read_own(file))
    assert not own.works(date(2026, 8, 18))
    assert own.works(date(2026, 8, 22))
    file.write_text("2026-13-01 off\n2026-08-18 maybe\n2026-08-19 off\n")
    with pytest.raises(BadCalendar, match=r"line 1: 2026-13-01 off; line 2: 2026-08-18 maybe"):
        read_own(file)


def test_before_the_calendar_ends_somebody_is_told():
    last = known_until()
    assert warning(last - timedelta(days=90)) is None
    assert str(last) in warning(last - timedelta(days=30))
    beyond = Calendar()
    assert beyond.works(date(last.year + 1, 1, 1)) is False
    assert beyond.working_days_after(datetime(last.year, 12, 30, tzinfo=HERE), 10).year == last.year + 1


@pytest.mark.parametrize(
    ("due", "told"),
    [
        ("2026-03-02T17:30", "今天下午5点半前"),
        ("2026-03-03T08:15", "明天上午8点15分前"),
        ("2026-03-05T17:30", "3月5日星期四下午5点半前"),
        ("2027-01-05T19:00", "2027年1月5日星期二晚上7点前"),
    ],
)
def test_the_caller_is_told_the_date_in_their_words(due, told):
    assert in_words(at(due), at("2026-03-02T09:00")) == told


@pytest.mark.parametrize("text", ["", "5", "5 days", "-1 WD", "5WD"])
def test_a_span_that_is_none_is_refused(text):
    with pytest.raises(ValueError, match="is no span"):
        Span.parse(text)

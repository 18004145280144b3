"""What must a person look at now?  An alarm stays until somebody says that they saw it, and who that was is kept."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from routing.events import AlarmAcknowledged, AlarmRaised
from routing.feed import Feed
from routing.tables import AlarmRow

KINDS = {
    "emergency": "110 没有接通",
    "dial_test": "拨测没有得到正确应答",
    "overdue": "工单超时",
    "verification": "工单已办完，迟迟没有人核查",
    "journal": "通话记录写不下去",
    "danger": "报来的工单可能涉及危险，请立即核实",
    "webhook": "订阅工单消息的对方系统多日不应答",
    "handover": "工单多日没有送达外部平台",
    "incident": "同一事项的诉求激增，请核实是否为同一事件",
}
ABOUT_A_CASE = {  # what is said of the case with this number
    "overdue": "紧急工单{}超时",
    "verification": "工单{}已办完，超过核查时限没有人核查",
    "danger": "报来的工单{}可能涉及危险，请立即核实",
    "handover": "工单{}多日没有送达外部平台，请收回另派",
}


@dataclass(frozen=True, slots=True)
class Alarm:
    """`text` is a fixed sentence without numbers or words of callers."""

    id: int
    kind: str
    call: str | None
    text: str
    raised: datetime
    acknowledged: datetime | None
    acknowledged_by: str | None


def _alarm(row: AlarmRow) -> Alarm:
    return Alarm(row.id, row.kind, row.call, row.text, row.raised, row.acknowledged, row.acknowledged_by)


def raise_alarm(
    session: Session, kind: str, call: str | None, text: str, *, feed: Feed | None = None, now: datetime | None = None
) -> Alarm:
    """Keep it (committed when this returns), then tell the desks.

    The same text about the same call is one alarm for as long as nobody has acknowledged it.
    """
    alarm, new = _written(session, kind, call, text, now)
    if new:
        session.commit()
        tell(feed, alarm)
    return alarm


def with_the_rest(session: Session, kind: str, text: str, now: datetime) -> Alarm | None:
    """Keep it with what else the caller's transaction writes, or not at all; None when it stands there already.

    `tell` the desks once that is committed.
    """
    alarm, new = _written(session, kind, None, text, now)
    return alarm if new else None


def about_case(session: Session, kind: str, number: str, now: datetime) -> Alarm | None:
    """The same with the sentence of ABOUT_A_CASE; no `kind`, no alarm."""
    return with_the_rest(session, kind, ABOUT_A_CASE[kind].format(number), now) if kind else None


def tell(feed: Feed | None, alarm: Alarm | None) -> None:
    """Show it at the desks at once; they look for themselves every second as well."""
    if feed is not None and alarm is not None:
        feed.publish(AlarmRaised(alarm=alarm.id, kind=alarm.kind, call=alarm.call))


def _written(session: Session, kind: str, call: str | None, text: str, now: datetime | None) -> tuple[Alarm, bool]:
    """(the alarm, whether it is new)."""
    same = (AlarmRow.kind == kind) & (AlarmRow.text == text)
    same &= AlarmRow.call.is_(None) if call is None else AlarmRow.call == call
    row = session.scalars(select(AlarmRow).where(same, AlarmRow.acknowledged.is_(None))).first()
    if row is not None:
        return _alarm(row), False
    row = AlarmRow(kind=kind, call=call, text=text, raised=now or datetime.now(UTC))
    session.add(row)
    session.flush()
    return _alarm(row), True


def acknowledge(
    session: Session, alarm_id: int, by: str, *, feed: Feed | None = None, now: datetime | None = None
) -> Alarm | None:
    """Who saw it first stays the one who saw it; None when there is no such alarm.  Committed when this returns."""
    session.execute(
        update(AlarmRow)
        .where(AlarmRow.id == alarm_id, AlarmRow.acknowledged.is_(None))
        .values(acknowledged=now or datetime.now(UTC), acknowledged_by=by)
    )
    row = session.get(AlarmRow, alarm_id, populate_existing=True)
    alarm = None if row is None else _alarm(row)
    session.commit()
    if alarm is not None and feed is not None and alarm.acknowledged_by == by:
        feed.publish(AlarmAcknowledged(alarm=alarm_id, by=by))
    return alarm


def open_alarms(session: Session) -> list[Alarm]:
    """What nobody has acknowledged, newest first."""
    wanted = (
        select(AlarmRow).where(AlarmRow.acknowledged.is_(None)).order_by(AlarmRow.raised.desc(), AlarmRow.id.desc())
    )
    return [_alarm(row) for row in session.scalars(wanted)]

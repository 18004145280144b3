"""What do the desks see of the board?  Values for the wire; pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from agent_console.attendance import Rules, wrap_up_ends
from agent_console.desks import BREAKS, STATES
from agent_console.permissions import masked
from routing.alarms import Alarm
from routing.records import CallEvent, CallRecord, Turn
from routing.service_level import Service
from routing.switch_board import Board, Listener, Phase, Running, Seat, State

Wire = dict[str, Any]

PHASES = {
    Phase.ROBOT: "与机器人通话",
    Phase.WAITING: "排队",
    Phase.TALKING: "与话务员通话",
    Phase.EMERGENCY: "转接 110",
}
DECISIONS = {"answer": "已回答", "clarify": "给出候选, 请来电人确认", "unknown": "没有把握, 未回答; 相近条目"}
SERVICES = {"110": "公安 110", "119": "火警 119", "120": "急救 120", "122": "交通 122"}
MODES = {"listen": "监听", "whisper": "密语", "barge": "强插"}
REASONS = {
    "asked for a person": "来电人要求人工",
    "silence": "来电人没有说话",
    "not understood twice": "两次没有听懂",
    "not in the knowledge base": "知识库没有把握的答案",
    "answer rejected": "来电人否定了答案",
    "self-harm": "疑似轻生, 请优先安抚",
    "silent distress": "疑似无法说话的求助",
    "trouble": "系统出现问题",
    "robot was lost": "语音应答中断",
}
TROUBLES = {
    "timeout": "语音应答没有响应, 系统转人工",
    "media": "语音通道中断, 系统转人工",
    "desk": "上一位话务员的通话中断, 来电人回到队首",
}
ENDED = {
    "answer": "机器人已解答",
    "operator": "话务员受理",
    "emergency": "已转紧急",
    "hangup": "来电人挂断",
    "failed": "未接通",
}


def seat(seat: Seat, names: Mapping[str, str]) -> Wire:
    return {
        "operator": seat.operator,
        "name": names.get(seat.operator, seat.operator),
        "state": seat.state.value,
        "state_zh": STATES[seat.state],
        "since": seat.since.isoformat(),
        "reason": BREAKS.get(seat.reason, seat.reason),
        "call": seat.call,
        "reachable": seat.reachable,
    }


def running(call: Running, names: Mapping[str, str], *, numbers: bool) -> Wire:
    return {
        "call": call.call,
        "caller": call.caller if numbers else masked(call.caller),
        "phase": call.phase.value,
        "phase_zh": PHASES[call.phase],
        "since": (call.waiting_since if call.phase is Phase.WAITING and call.waiting_since else call.since).isoformat(),
        "position": call.position,
        "operator": call.operator,
        "operator_name": names.get(call.operator, call.operator),
    }


def floor(board: Board, names: Mapping[str, str], alarms: Sequence[Alarm]) -> Wire:
    """Everything a supervisor sees."""
    seats = sorted(board.seats.values(), key=lambda s: s.operator)
    others = [c for c in board.calls.values() if c.phase is not Phase.WAITING]
    return {
        "waiting": [running(c, names, numbers=False) for c in board.waiting()],
        "calls": [running(c, names, numbers=False) for c in sorted(others, key=lambda c: c.since)],
        "operators": [seat(s, names) for s in seats if s.state is not State.SIGNED_OUT],
        "counts": {s.value: sum(1 for x in seats if x.state is s) for s in State},
        "alarms": [alarm(a) for a in alarms],
    }


def service(service: Service, goal: float) -> Wire:
    """Today's figures; `goal` in seconds."""
    level = service.level
    return {"asked": service.asked, "answered": service.answered, "given_up": service.given_up, "goal": goal,
            "level": None if level is None else round(100 * level)}  # fmt: skip


def listening(listener: Listener | None, names: Mapping[str, str]) -> Wire | None:
    """Whom a supervisor hears just now."""
    if listener is None:
        return None
    return {"operator": listener.operator, "name": names.get(listener.operator, listener.operator),
            "mode": listener.mode, "mode_zh": MODES[listener.mode], "since": listener.since.isoformat()}  # fmt: skip


def alarm(alarm: Alarm) -> Wire:
    return {"id": alarm.id, "kind": alarm.kind, "call": alarm.call, "text": alarm.text,
            "raised": alarm.raised.isoformat()}  # fmt: skip


def desk(board: Board, operator: str, now: datetime, rules: Rules) -> Wire:
    """What one operator sees beside the call in hand."""
    mine = board.seat(operator, now)
    ends = wrap_up_ends(mine, rules)
    waiting = board.waiting()
    longest = min(((w.waiting_since or w.since) for w in waiting), default=None)
    return {
        "me": seat(mine, {}),
        "ready_at": ends.isoformat() if ends else None,
        "waiting": len(waiting),
        "longest": longest.isoformat() if longest else None,
        "with_robot": sum(1 for c in board.calls.values() if c.phase is Phase.ROBOT),
    }


def call(record: CallRecord | None, running: Running | None, questions: Mapping[str, str], *, numbers: bool) -> Wire:
    """A call as the screen pop and the page of a call show it."""
    caller = (record.caller if record else "") or (running.caller if running else "")
    return {
        "id": record.id if record else running.call if running else "",
        "caller": caller if numbers else masked(caller),
        "arrived": record.arrived.isoformat() if record else running.arrived.isoformat() if running else None,
        "ended": record.ended.isoformat() if record and record.ended else None,
        "outcome": ENDED.get(record.outcome or "", "") if record else "",
        "phase": PHASES[running.phase] if running else "",
        "waiting": running is not None and running.phase is Phase.WAITING,
        "since": running.since.isoformat() if running else None,
        "because": came_because(record.events) if record else "",
        "turns": [turn(t, questions) for t in record.turns] if record else [],
        "tried": tried(record.events, questions) if record else [],
    }


def turn(turn: Turn, questions: Mapping[str, str]) -> Wire:
    return {"at": turn.at.isoformat(), "who": turn.who, "text": turn.text,
            "notes": [note for d in turn.decisions if (note := decision(d, questions))]}  # fmt: skip


def decision(data: Mapping[str, Any], questions: Mapping[str, str]) -> str:
    """One decision of the robot as an operator reads it; empty for what says nothing."""
    if data.get("action") and data.get("action") != "N":
        service = SERVICES.get(str(data.get("service")), str(data.get("service") or ""))
        return f"识别为紧急情形 ({data['action']}) {service}".strip()
    name = str(data.get("decision") or "")
    named = [str(data.get("article") or "")] + [str(c.get("article") or "") for c in data.get("candidates") or ()]
    words = DECISIONS.get(name, "")
    about = " / ".join(questions.get(article, article) for article in named if article)
    return f"{words}: {about}" if words and about else words.partition(";")[0]


def why(data: Mapping[str, Any]) -> str:
    """Why the robot gave the call away, as an operator reads it."""
    reason = str(data.get("reason") or "")
    return REASONS.get(reason, reason or "来电人要求")


def came_because(events: Sequence[CallEvent]) -> str:
    """Why the call is in the operators' queue; empty while it is not."""
    for event in reversed(events):
        match event.kind:
            case "handed_over" if event.data.get("to") == "queue":
                return why(event.data)
            case "trouble":
                return TROUBLES.get(str(event.data.get("what")), "系统转人工")
            case "emergency" if event.data.get("status") == "lost":
                return "110 没有接通, 请立即处理"
    return ""


def tried(events: Sequence[CallEvent], questions: Mapping[str, str]) -> list[str]:
    """What the robot already did for this caller, in order, each thing once."""
    found: list[str] = []
    for event in events:
        data = event.data
        match event.kind:
            case "decided":
                found.append(decision(data, questions))
            case "answered_by_robot":
                found.append(f"已播报答案: {questions.get(str(data.get('article')), str(data.get('article')))}")
            case "handed_over":
                found.append(f"转人工: {why(data)}" if data.get("to") == "queue" else "")
            case "emergency":
                found.append(f"转接 110 线路 {data.get('route')}: {data.get('status')}")
            case "keyed":
                found.append("来电人按键")
            case "trouble":
                found.append(TROUBLES.get(str(data.get("what")), "系统转人工"))
    return list(dict.fromkeys(f for f in found if f))

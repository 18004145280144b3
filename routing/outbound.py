"""How does the hotline ring a citizen?  Asterisk dials over the trunk; whoever answers meets the robot."""

import re

from routing.cases import valid_number
from routing.manager import Access, checked, close, send, sign_in

TRUNK = "citizen-trunk"  # of asterisk_conf's pjsip.conf
RINGS = 30_000  # ms a citizen's telephone rings
NUMBER = re.compile(r"\+?[0-9]{7,15}")
CALL = re.compile(r"[0-9a-f-]{36}")
HOTLINE = re.compile(r"[0-9]{3,8}")


async def ring_citizen(access: Access, number: str, *, call: str, case: str, hotline: str) -> None:
    """Begin a follow-up call with this id about this case.  SwitchAway or SwitchRefused; ValueError for no number."""
    if not valid_number(case):
        raise ValueError("this is no case")
    action = {
        "Action": "Originate",
        "Channel": f"PJSIP/{checked(number, NUMBER)}@{TRUNK}",
        "Context": "to-citizen",
        "Exten": "s",
        "Priority": "1",
        "CallerID": f"<{checked(hotline, HOTLINE)}>",
        "Timeout": str(RINGS),
        "Variable": f"__CALL_ID={checked(call, CALL)},__CASE={case},CITIZEN={number}",
        "Async": "true",
    }
    manager = await sign_in(access)
    try:
        await send(manager, action)
    finally:
        close(manager)

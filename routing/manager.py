"""How is Asterisk's manager spoken to?  One connection, checked words, every answer within a bound."""

import asyncio
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from panoramisk import Manager

ACTION_WITHIN = 3.0  # s Asterisk has to answer an action; it takes about one millisecond

Hear = Callable[[Manager, Mapping[str, Any]], None]
Lost = Callable[[], None]


class SwitchAway(RuntimeError):
    """Asterisk is not there, or did not answer in time; nothing was done, or nobody knows."""


class SwitchRefused(RuntimeError):
    """Asterisk answered no; the message is its own."""


@dataclass(frozen=True, slots=True)
class Access:
    """Where the manager listens and as whom to sign in."""

    host: str
    port: int
    secret: str
    admin_secret: str = ""
    user: str = "hotline"
    admin: str = "hotline-admin"


def address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    return host or "127.0.0.1", int(port)


async def sign_in(
    access: Access, *, admin: bool = False, heard: Hear | None = None, lost: Lost = lambda: None
) -> Manager:
    """A connection that is signed in; with `heard`, every event goes there.  SwitchAway, SwitchRefused or OSError.

    When it is lost, `lost` is called once; it never connects anew by itself, because that would replay stale actions.
    """
    manager = Manager(
        loop=asyncio.get_running_loop(), host=access.host, port=access.port,
        on_disconnect=lambda _manager, _why: lost(), ping_delay=86400, ping_interval=86400,
        log=logging.getLogger("panoramisk"),
    )  # fmt: skip
    if heard is not None:
        manager.register_event("*", heard)
    user, secret = (access.admin, access.admin_secret) if admin else (access.user, access.secret)
    login = {"Action": "Login", "Username": user, "Secret": secret, "Events": "off" if heard is None else "on"}
    try:
        opening = manager.connect()
        manager.connect = _stay_away
        async with asyncio.timeout(ACTION_WITHIN):
            await opening
        await send(manager, login)
    except TimeoutError:
        close(manager)
        raise SwitchAway("nobody answers at the manager's door") from None
    except BaseException:
        close(manager)
        raise
    return manager


async def send(manager: Manager, action: dict[str, str], as_list: bool = False) -> Any:
    """The answer; as_list is always said, because left open it can wait for ever (QueueAdd)."""
    try:
        async with asyncio.timeout(ACTION_WITHIN):
            answer = await manager.send_action(action, as_list=as_list)
    except TimeoutError:
        raise SwitchAway(f"no answer to {action['Action']}") from None
    first = answer[0] if isinstance(answer, list) else answer
    if str(first.get("Response") or "Success") not in {"Success", "Follows", "Goodbye"}:
        raise SwitchRefused(str(first.get("Message") or action["Action"]))
    return answer


def close(manager: Manager) -> None:
    manager.close()
    manager.awaiting_actions.clear()


def checked(text: str, shape: re.Pattern[str]) -> str:
    """Nothing that could end a line of the protocol gets into it."""
    if shape.fullmatch(text) is None:
        raise ValueError("this cannot be said to Asterisk")
    return text


def _stay_away(*_arguments: object) -> None:
    """In place of panoramisk's own reconnection."""

"""Which password does a desk's softphone have right now?  A new one per session, dead at sign-out."""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from routing.manager import SwitchAway, SwitchRefused

log = logging.getLogger(__name__)

LENT_FOR = 1800.0  # s after which a web telephone may go to somebody else
WEB_PHONES = 8  # citizens' web telephones lent at the same time
TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class SipAccount:
    name: str
    number: str
    secret: str
    context: str = ""  # empty: as the template of Asterisk says


class Phones:
    """The console's truth about SIP accounts, as a file that Asterisk reads."""

    def __init__(self, folder: Path, reload: Callable[[], Awaitable[None]]) -> None:
        self._file = folder / "pjsip_accounts.conf"
        self._reload = reload
        self._accounts: dict[str, SipAccount] = {}
        self._lent: dict[str, tuple[str, float]] = {}  # web telephone → its holder, and when (monotonic s)
        self._lock = asyncio.Lock()
        self._template = Environment(
            loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, keep_trailing_newline=True, autoescape=False
        ).get_template("pjsip_accounts.conf.j2")

    async def begin(self, desks: Iterable[str], *, web: bool) -> None:
        """Nobody is registered with a password of an earlier process."""
        for name in desks:
            self._accounts[name] = SipAccount(name, name.lstrip("abcdefghijklmnopqrstuvwxyz"), _secret())
        for n in range(1, WEB_PHONES + 1) if web else ():
            self._accounts[f"web{n:04}"] = SipAccount(f"web{n:04}", f"{n:04}", _secret(), "from-citizen")
        await self.tell()

    async def issue(self, name: str) -> str:
        """A new password for a softphone; the one before is dead."""
        old = self._accounts.get(name) or SipAccount(name, name.lstrip("abcdefghijklmnopqrstuvwxyz"), "")
        self._accounts[name] = SipAccount(old.name, old.number, _secret(), old.context)
        await self.tell()
        return self._accounts[name].secret

    async def revoke(self, name: str) -> None:
        if name in self._accounts:
            self._lent.pop(name, None)
            await self.issue(name)

    def lend(self, holder: str, now: float) -> str | None:
        """A web telephone for `holder` (a session's id); None when all are in use.  Nobody keeps one for ever."""
        mine = next((name for name, (who, _) in self._lent.items() if who == holder), None)
        web = (name for name, account in self._accounts.items() if account.context)
        name = mine or next((n for n in web if n not in self._lent or self._lent[n][1] < now - LENT_FOR), None)
        if name is not None:
            self._lent[name] = (holder, now)
        return name

    def holds(self, holder: str, name: str) -> bool:
        return self._lent.get(name, ("", 0.0))[0] == holder

    async def tell(self) -> None:
        """Write the file, whole or not at all and for the owner only, and let Asterisk read it."""
        async with self._lock:
            text = self._template.render(accounts=[self._accounts[name] for name in sorted(self._accounts)])
            try:
                await asyncio.to_thread(_write, self._file, text)
                await self._reload()
            except (SwitchAway, SwitchRefused, OSError) as problem:
                log.warning("Asterisk reads the softphones' accounts later", extra={"why": str(problem)})


def _secret() -> str:
    return secrets.token_hex(20)


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(file.name + ".part")
    part.unlink(missing_ok=True)
    part.touch(mode=0o600)
    part.write_text(text, encoding="utf-8")
    part.replace(file)

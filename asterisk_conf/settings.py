"""What may a city set about its telephone side?  Read here from the environment, once."""

import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from asterisk_conf.layout import Ports, media_address


@dataclass(frozen=True, slots=True)
class Secrets:
    """The two passwords of the manager interface (hexadecimal)."""

    ami: str
    ami_admin: str


@dataclass(frozen=True, slots=True)
class Telephone:
    """Everything the templates need."""

    home: Path
    ports: Ports
    secrets: Secrets
    hotline_number: str
    sip_address: str
    media_address: str
    trunk_addresses: tuple[str, ...]
    trunk_contact: str
    emergency_routes: tuple[str, ...]
    agi_address: str
    audio_address: str
    drill: bool
    external_address: str = ""
    local_nets: tuple[str, ...] = ()
    turn: str = ""
    step_limit: float = 4  # s; FastAGI answers in milliseconds, a busy machine in tenths
    talk_limit: int = 60  # s; how long a hung media server may keep a citizen in silence when nobody else notices
    emergency_ring: int = 12  # s per attempt; a desk that takes longer is as good as absent
    operator_ring: int = 15  # s a desk rings before its caller goes on to the next
    max_calls: int = 300
    name: str = field(default="hotline")

    @property
    def run(self) -> Path:
        return self.home / "asterisk"

    @property
    def etc(self) -> Path:
        return self.run / "etc"


def words(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(",") if part.strip())


def keep_secrets(home: Path) -> Secrets:
    """The manager's passwords: made once per state folder, readable by the owner only."""
    file = home / "asterisk" / "secrets"
    file.parent.mkdir(parents=True, exist_ok=True)
    if not file.exists():
        part = file.with_suffix(".part")
        part.touch(mode=0o600)
        part.write_text(f"{secrets.token_hex(16)}\n{secrets.token_hex(16)}\n")
        part.rename(file)
    ami, admin = file.read_text().split()
    return Secrets(ami, admin)


def read(environ: dict[str, str] | None = None) -> Telephone:
    """Settings from the environment; without any, the model city on this machine."""
    env = dict(os.environ) if environ is None else environ
    home = Path(env.get("HOTLINE_HOME") or "run").absolute()
    ports = Ports(int(env.get("HOTLINE_PORT_BASE") or 21000))
    drill = env.get("HOTLINE_DRILL", "1") != "0"
    desk = ports.emergency_desk
    drill_routes = (f"sip:110@127.0.0.3:{desk}", f"sip:110@127.0.0.4:{desk}")
    routes = drill_routes if drill else words(env.get("EMERGENCY_ROUTES", ""))
    if not routes:
        raise ValueError("HOTLINE_DRILL=0 but EMERGENCY_ROUTES names no 110 desk: give sip:110@host:port[,second]")
    return Telephone(
        home=home,
        ports=ports,
        secrets=keep_secrets(home),
        hotline_number=env.get("HOTLINE_NUMBER") or "12345",
        sip_address=env.get("SIP_ADDRESS") or "127.0.0.1",
        media_address=env.get("MEDIA_ADDRESS") or media_address(),
        trunk_addresses=words(env.get("TRUNK_ADDRESSES") or "127.0.0.2/32"),
        trunk_contact=env.get("TRUNK_CONTACT") or f"sip:127.0.0.2:{ports.citizen}",
        emergency_routes=routes,
        agi_address=env.get("AGI_ADDRESS") or f"127.0.0.1:{ports.agi}",
        audio_address=env.get("AUDIO_ADDRESS") or f"127.0.0.1:{ports.audio}",
        drill=drill,
        external_address=env.get("EXTERNAL_ADDRESS", ""),
        local_nets=words(env.get("LOCAL_NETS", "")),
        turn=env.get("TURN_ADDRESS", ""),
        step_limit=float(env.get("STEP_LIMIT") or 4),
        talk_limit=int(env.get("TALK_LIMIT") or 60),
        emergency_ring=int(env.get("EMERGENCY_RING") or 12),
        operator_ring=int(env.get("OPERATOR_RING") or 15),
    )

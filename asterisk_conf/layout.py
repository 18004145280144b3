"""Where does Asterisk live, and on which ports does one instance of the hotline listen?"""

import os
import shutil
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path

TRIPLET = f"{os.uname().machine}-linux-gnu"
LOADERS = {"x86_64": "lib64/ld-linux-x86-64.so.2", "aarch64": "lib/ld-linux-aarch64.so.1"}
NEWEST_TRIED = 22  # Asterisk's major version this configuration was run with


class NoAsterisk(RuntimeError):
    """No suitable Asterisk on this machine; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Every port of one instance, counted from its base (HOTLINE_PORT_BASE, default 21000)."""

    base: int

    @property
    def sip(self) -> int:
        return self.base

    @property
    def websocket(self) -> int:
        return self.base + 1

    @property
    def ami(self) -> int:
        return self.base + 3

    @property
    def agi(self) -> int:
        return self.base + 4

    @property
    def audio(self) -> int:
        return self.base + 5

    @property
    def metrics(self) -> int:
        return self.base + 6

    @property
    def citizen(self) -> int:
        return self.base + 7

    @property
    def emergency_desk(self) -> int:
        return self.base + 8

    @property
    def console(self) -> int:
        return self.base + 9

    @property
    def redis(self) -> int:
        return self.base + 10

    @property
    def rtp_first(self) -> int:
        return self.base + 1000

    @property
    def rtp_last(self) -> int:
        return self.base + 2999


@dataclass(frozen=True, slots=True)
class Installation:
    """One Asterisk: the words that start it, its modules and its data."""

    command: tuple[str, ...]
    modules: Path
    data: Path

    def version(self) -> str:
        """`Asterisk 22.10.1` …; empty when it does not start."""
        shown = subprocess.run([*self.command, "-V"], capture_output=True, text=True, timeout=20, check=False)
        return shown.stdout.strip()


def private(root: Path) -> Installation:
    """A Debian tree of its own, run in place by its own loader: no chroot, no root rights."""
    command = (
        str(root / "usr" / LOADERS.get(os.uname().machine, LOADERS["x86_64"])),
        "--library-path",
        str(root / "usr/lib" / TRIPLET),
        str(root / "usr/sbin/asterisk"),
    )
    return Installation(command, root / "usr/lib" / TRIPLET / "asterisk/modules", root / "usr/share/asterisk")


def installed() -> Installation | None:
    """The system's own Asterisk when it is 22 or newer."""
    binary = shutil.which("asterisk")
    if binary is None:
        return None
    for modules in (Path("/usr/lib") / TRIPLET / "asterisk/modules", Path("/usr/lib/asterisk/modules")):
        if modules.is_dir():
            found = Installation((binary,), modules, Path("/usr/share/asterisk"))
            words = found.version().split()
            major = words[1].split(".")[0] if len(words) > 1 else ""
            return found if major.isdigit() and int(major) >= NEWEST_TRIED else None
    return None


def cache() -> Path:
    """Where a private Asterisk is kept between runs."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "hotline12345"


def find() -> Installation:
    """The Asterisk to use: ASTERISK_ROOT, then a private one in the cache, then the system's."""
    named = os.environ.get("ASTERISK_ROOT")
    root = Path(named) if named else cache() / "asterisk-22"
    if (root / "usr/sbin/asterisk").exists():
        return private(root)
    system = installed()
    if system is None:
        raise NoAsterisk(
            f"no Asterisk {NEWEST_TRIED} in {root} and none suitable on the path; run: sh docker/setup.sh asterisk"
        )
    return system


def media_address() -> str:
    """The address browsers reach for sound.  127.x is no ICE candidate for Asterisk, so the host's own address."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # a documentation address; connecting a UDP socket sends nothing
            return str(probe.getsockname()[0])
        except OSError:
            return "127.0.0.1"

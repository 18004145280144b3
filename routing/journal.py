"""What if the database is away, or the process dies?  Facts of calls go to disk first and to the database behind it.

A fact is in the kernel's hands when `append` returns, so it survives the death of the process (kill -9); a background
thread has it on the platter within SYNC_EVERY (loss of power) and brings it to the database, in order, however long
that takes.  What a dead process left behind is replayed by the next one that opens the same folder.
"""

import fcntl
import json
import logging
import os
import threading
import time
from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.exc import DataError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session

from routing.alarms import KINDS, raise_alarm
from routing.database import connect, writing
from routing.feed import Feed
from routing.records import CallEvent, apply

log = logging.getLogger(__name__)

SEGMENT = 4 << 20  # bytes of one file; a finished file is removed once the database has it
BATCH = 200  # facts in one transaction
SYNC_EVERY = 0.05  # s between fdatasync
RETRY = (0.2, 5.0)  # s until the next try while the database is away: first, longest
KEPT_WITHOUT_DISK = 5_000  # facts kept in memory while the disk is full; the oldest go first
LINE_LIMIT = 256 << 10  # bytes of one fact


def write_line(event: CallEvent) -> bytes:
    at = event.at.astimezone(UTC).isoformat()
    content = {"call": event.call, "seq": event.seq, "at": at, "kind": event.kind, "data": event.data}
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"), default=str).encode() + b"\n"


def read_line(line: bytes) -> CallEvent | None:
    """None for a line that a crash tore, or that is no fact."""
    try:
        c = json.loads(line)
        at = datetime.fromisoformat(c["at"])
        if at.tzinfo is None:
            return None
        return CallEvent(str(c["call"]), int(c["seq"]), at, str(c["kind"]), dict(c["data"]))
    except (ValueError, KeyError, TypeError):
        return None


class Journal:
    """One writer's journal.  `append` from any thread; it never raises and never waits for the database."""

    def __init__(self, folder: Path | str, database_url: str, *, feed: Feed | None = None) -> None:
        """`feed` tells the desks of the alarm that is raised when the disk takes nothing."""
        self._feed = feed
        self._refused = False  # the disk took a fact not, and nobody was told yet
        self._folder = Path(folder)
        self._folder.mkdir(parents=True, exist_ok=True)
        self._engine = connect(database_url)
        self._lock = threading.Lock()
        self._file: int | None = None
        self._path: Path | None = None
        self._size = 0
        self._dirty = False
        self._held: deque[CallEvent] = deque(maxlen=KEPT_WITHOUT_DISK)
        self._work = threading.Event()
        self._idle = threading.Event()
        self._closing = False
        self._pause = RETRY[0]
        self._offsets: dict[Path, int] = {}
        self._work.set()
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()

    def append(self, event: CallEvent) -> bool:
        """Whether the fact is on disk.  If the disk does not take it, it is kept in memory for the database."""
        with self._lock:
            kept = self._write(event)
            if not kept:
                self._held.append(event)
                self._refused = True
            self._idle.clear()
            self._work.set()
        return kept

    def drain(self, timeout: float = 5.0) -> bool:
        """Wait until the database has everything; False when it has not within `timeout` seconds."""
        return self._idle.wait(timeout)

    def close(self, timeout: float = 2.0) -> None:
        """Bring the rest to the database if it takes it in time; what it does not take stays on disk."""
        self._idle.wait(timeout)
        self._closing = True
        self._work.set()
        self._thread.join(timeout)
        with self._lock:
            self._close_file()
        self._engine.dispose()

    def _write(self, event: CallEvent) -> bool:
        try:
            line = write_line(event)
            if len(line) > LINE_LIMIT:
                log.error("a fact of a call is too long to be kept", extra={"call": event.call, "kind": event.kind})
                return True
            if self._file is None or self._size >= SEGMENT:
                self._open_file()
            assert self._file is not None
            written = os.write(self._file, line)
            if written < len(line):
                os.ftruncate(self._file, self._size)
                raise OSError("the disk took half a line")
            self._size += written
            self._dirty = True
            return True
        except (OSError, ValueError, TypeError):
            log.exception("a fact of a call could not be journalled", extra={"call": event.call, "kind": event.kind})
            return False

    def _open_file(self) -> None:
        self._close_file()
        path = self._folder / f"{time.time_ns():020d}-{os.getpid()}.jsonl"
        part = path.with_suffix(".new")  # gets its name once it is locked, or another process could remove it
        file = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600)
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # held for as long as this process lives
        part.rename(path)
        self._file, self._path, self._size = file, path, 0

    def _close_file(self) -> None:
        if self._file is not None:
            os.close(self._file)
        self._file = self._path = None

    def _run(self) -> None:
        while not self._closing:
            self._work.wait()
            self._work.clear()
            if self._closing:
                break
            self._sync()
            try:
                done = self._bring()
                self._pause = RETRY[0]
                self._tell()
            except SQLAlchemyError:
                log.warning("the database is away; the facts of calls wait on disk")
                done = False
            except Exception:
                log.exception("the journal stumbled and goes on")
                done = False
            if done:
                with self._lock:
                    if not self._work.is_set():
                        self._idle.set()
                continue
            self._work.set()
            self._rest()

    def _tell(self) -> None:
        """A disk that takes no fact is a matter for a person, as soon as the database can be told."""
        if self._refused:
            with Session(self._engine) as session:
                raise_alarm(session, "journal", None, KINDS["journal"], feed=self._feed)
            self._refused = False

    def _rest(self) -> None:
        until = time.monotonic() + self._pause
        self._pause = min(self._pause * 2, RETRY[1])
        while not self._closing and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, SYNC_EVERY))
            self._sync()

    def _sync(self) -> None:
        with self._lock:
            file = os.dup(self._file) if self._dirty and self._file is not None else None
            self._dirty = False
        if file is None:
            return
        try:
            os.fdatasync(file)
        except OSError:
            log.exception("the disk did not take the journal")
        finally:
            os.close(file)

    def _bring(self) -> bool:
        """Everything that is there, oldest file first; whether nothing was left."""
        for path in sorted(self._folder.glob("*.jsonl")):
            for events, offset in self._batches(path):
                self._apply(events)
                self._offsets[path] = offset
                if self._closing:
                    return False
            self._remove_finished(path)
        while self._held:
            with self._lock:
                events = list(self._held)[:BATCH]
            self._apply(events)
            with self._lock:
                for event in events:
                    if self._held and self._held[0] is event:
                        self._held.popleft()
        return True

    def _batches(self, path: Path) -> Iterator[tuple[list[CallEvent], int]]:
        offset = self._offsets.get(path, 0)
        with path.open("rb") as file:
            file.seek(offset)
            events: list[CallEvent] = []
            while line := file.readline(LINE_LIMIT + 1):
                if not line.endswith(b"\n"):
                    break  # still being written, or torn by a crash
                offset += len(line)
                event = read_line(line)
                if event is None:
                    log.error("a line of the journal is damaged and was passed over", extra={"file": path.name})
                else:
                    events.append(event)
                if len(events) >= BATCH:
                    yield events, offset
                    events = []
            yield events, offset

    def _apply(self, events: list[CallEvent]) -> None:
        """All in one transaction; when one of them is what the database refuses, the others alone."""
        if not events:
            return
        try:
            with writing(self._engine) as session, session.begin():
                for event in events:
                    apply(session, event)
        except (OperationalError, InterfaceError):
            raise
        except (SQLAlchemyError, ValueError, TypeError):
            for event in events:
                self._apply_one(event)

    def _apply_one(self, event: CallEvent) -> None:
        try:
            with Session(self._engine) as session, session.begin():
                apply(session, event)
        except (DataError, ValueError, TypeError):
            log.exception("the database refuses a fact of a call", extra={"call": event.call, "kind": event.kind})

    def _remove_finished(self, path: Path) -> None:
        """Remove a file that nobody writes any more, once the database has it."""
        with self._lock:
            if path == self._path:
                return
        try:
            with path.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                left = path.stat().st_size - self._offsets.get(path, 0)
                if left > 0:
                    file.seek(self._offsets.get(path, 0))
                    if b"\n" in file.read():
                        return  # its writer wrote on after we had read, and then died: next time
                    log.warning("the last line of a journal was torn by a crash", extra={"file": path.name})
                path.unlink()
                self._offsets.pop(path, None)
        except BlockingIOError:
            return  # another process still writes it
        except FileNotFoundError:
            self._offsets.pop(path, None)

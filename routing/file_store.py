"""Where do the bytes of attachments lie?  In the state folder, each content once under its hash, for the owner only."""

import hashlib
import os
import re
import secrets
import time
from collections.abc import Iterator
from pathlib import Path

SHA256 = re.compile(r"[0-9a-f]{64}")


class FileStore:
    """Safe from any thread and process: a file appears whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, data: bytes) -> str:
        """Its hash, when it is on the disk.  Again does no harm, and makes it new to `old`."""
        name = hashlib.sha256(data).hexdigest()
        target = self.path(name)
        for folder in (self._folder, target.parent):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = target.with_name(f"{name}.{secrets.token_hex(4)}.part")
        try:
            handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as out:
                out.write(data)
                out.flush()
                os.fsync(out.fileno())
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
        return name

    def path(self, name: str) -> Path:
        """Where it lies, if it is there."""
        if not SHA256.fullmatch(name):
            raise ValueError(f"{name!r} is no hash")
        return self._folder / name[:2] / name

    def remove(self, name: str) -> bool:
        """Whether it was there."""
        path = self.path(name)
        there = path.exists()
        path.unlink(missing_ok=True)
        return there

    def old(self, seconds: float) -> Iterator[str]:
        """Files that were put so long ago; halves that a death left are removed on the way."""
        before = time.time() - seconds
        for path in self._folder.glob("*/*"):
            if path.stat().st_mtime >= before:
                continue
            if SHA256.fullmatch(path.name):
                yield path.name
            else:
                path.unlink(missing_ok=True)

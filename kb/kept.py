"""What takes seconds to work out from the tables is kept beside the compiled modules, until table or code change.

Like a compiled module it is made by whoever first needs it and trusted as far as the folder is; where the folder cannot
be written, it is worked out at every start.
"""

import contextlib
import hashlib
import os
import pickle
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
FOLDER = Path(__file__).parent / "__pycache__"
BROKEN = (OSError, EOFError, pickle.UnpicklingError, AttributeError, ImportError, IndexError, ValueError, TypeError)


def kept(name: str, made_of: Iterable[Path], make: Callable[[], T], folder: Path = FOLDER) -> T:
    """make(), or what it gave when the files it is made of were the same.  A broken file is made anew."""
    digest = hashlib.sha256()
    for file in made_of:
        digest.update(file.read_bytes())
    file = folder / f"{name}-{digest.hexdigest()[:16]}.pickle"
    with contextlib.suppress(*BROKEN):
        found: T = pickle.loads(file.read_bytes())
        return found
    made = make()
    with contextlib.suppress(OSError):
        _keep(file, made, folder.glob(f"{name}-*.pickle"))
    return made


def _keep(file: Path, made: object, before: Iterable[Path]) -> None:
    """Whole or not at all; what was kept of other tables goes."""
    file.parent.mkdir(exist_ok=True)
    part = file.with_suffix(f".{os.getpid()}.part")
    part.write_bytes(pickle.dumps(made, protocol=5))
    for old in before:
        old.unlink(missing_ok=True)
    part.replace(file)

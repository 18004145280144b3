"""How does a city with an internet get an official Vosk model?  One command: fetch, unpack, check, load."""

import shutil
import sys
import urllib.error
import urllib.request
import zipfile
from pathlib import Path

from ivr.speech.recogniser import Ears, check_model

SOURCE = "https://alphacephei.com/vosk/models/{name}.zip"
BOUND = 60.0  # s without a byte
PIECE = 1 << 20  # bytes


def fetch(name: str, folder: Path, source: str = SOURCE) -> str:
    """Fetch and check a model; returns what to set.  RuntimeError when it cannot be had, BadModel when no good."""
    target = folder / name
    if not target.exists():
        folder.mkdir(parents=True, exist_ok=True)
        archive = folder / f"{name}.zip.part"
        try:
            download(source.format(name=name), archive)
            unpack(archive, folder, name)
        finally:
            archive.unlink(missing_ok=True)
    rate = check_model(target)
    Ears(target, 1).close()
    return f"{target} is complete, loads, and expects {rate} Hz.  Set VOSK_MODEL={target}"


def download(url: str, archive: Path) -> None:
    try:
        with urllib.request.urlopen(url, timeout=BOUND) as source, archive.open("wb") as out:
            total = int(source.headers.get("Content-Length") or 0)
            done = 0
            while piece := source.read(PIECE):
                out.write(piece)
                done += len(piece)
                share = f"{100 * done // total} %" if total else f"{done >> 20} MiB"
                print(f"\rfetching: {share}", end="", file=sys.stderr, flush=True)
            print(file=sys.stderr)
            if total and done != total:
                raise RuntimeError(f"the model arrived incomplete: {done} of {total} bytes")
    except urllib.error.URLError as problem:
        raise RuntimeError(f"the model could not be fetched: {problem.reason}") from problem


def unpack(archive: Path, folder: Path, name: str) -> None:
    """Into a folder beside the final one, renamed when whole; entries that point outside are refused."""
    part = folder / f"{name}.unpacking"
    shutil.rmtree(part, ignore_errors=True)
    try:
        with zipfile.ZipFile(archive) as packed:
            for entry in packed.namelist():
                if not (part / entry).resolve().is_relative_to(part.resolve()):
                    raise RuntimeError("the archive points outside its folder")
            packed.extractall(part)
    except zipfile.BadZipFile as problem:
        raise RuntimeError("what was fetched is no archive") from problem
    (part / name).rename(folder / name)
    shutil.rmtree(part, ignore_errors=True)

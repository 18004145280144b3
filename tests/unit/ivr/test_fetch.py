"""A city fetches a speech model from a real server, which may be slow, cut off or wrong."""

import shutil
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from ivr.settings import SHIPPED_MODEL
from ivr.speech.fetch import fetch
from ivr.speech.recogniser import BadModel


class CutOff(SimpleHTTPRequestHandler):
    """Promises the whole file of that name and ends half way."""

    def copyfile(self, source, outputfile):
        content = source.read()
        outputfile.write(content[: len(content) // 2] if "half" in self.path else content)

    def log_message(self, *_told: object) -> None:
        """Not into the tests' output."""


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """The address of a server, with {name} where the model's name goes, and the folder it serves."""
    folder = tmp_path / "shop"
    folder.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(CutOff, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/{{name}}.zip", folder
    server.shutdown()
    server.server_close()


def packed(folder: Path, name: str, without: str = "") -> None:
    """Our own model as an archive of that name."""
    made = folder.parent / "making" / name
    shutil.copytree(SHIPPED_MODEL, made)
    if without:
        (made / without).unlink()
    shutil.make_archive(str(folder / name), "zip", made.parent, name)


def test_a_model_is_fetched_checked_and_named(shop, tmp_path):
    address, folder = shop
    packed(folder, "vosk-model-city")
    told = fetch("vosk-model-city", tmp_path / "models", address)
    assert told.endswith(f"VOSK_MODEL={tmp_path}/models/vosk-model-city")
    assert "8000 Hz" in told
    assert [p.name for p in (tmp_path / "models").iterdir()] == ["vosk-model-city"]
    (folder / "vosk-model-city.zip").unlink()
    assert fetch("vosk-model-city", tmp_path / "models", address) == told, "what is there is not fetched again"


def test_half_a_model_is_none(shop, tmp_path):
    address, folder = shop
    packed(folder, "half")
    with pytest.raises((RuntimeError, OSError)):
        fetch("half", tmp_path / "models", address)
    assert list((tmp_path / "models").iterdir()) == []


def test_a_model_without_its_heart_is_no_model(shop, tmp_path):
    address, folder = shop
    packed(folder, "hollow", without="am/final.mdl")
    with pytest.raises(BadModel, match=r"am/final\.mdl"):
        fetch("hollow", tmp_path / "models", address)


def test_a_server_that_has_no_such_model_is_told_in_one_line(shop, tmp_path):
    with pytest.raises(RuntimeError, match="could not be fetched"):
        fetch("vosk-model-nowhere", tmp_path / "models", shop[0])
    with pytest.raises(RuntimeError, match="could not be fetched"):
        fetch("any", tmp_path / "models", "http://127.0.0.1:9/{name}.zip")

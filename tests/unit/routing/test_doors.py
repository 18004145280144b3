"""Through the door: a line in, a line out.  One test starts the process, the others spare its start."""

import io
import json
import logging
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from routing.__main__ import main
from routing.doors import BadLine, lines, moment
from routing.records import CallEvent, apply


@dataclass(frozen=True)
class Done:
    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[..., Done]]:
    """run("calls", "--since", ..., text=standard input, DATABASE_URL=...): as `python -m routing calls` would."""
    handlers = logging.getLogger().handlers[:]

    def asked(*arguments: str, text: str = "", **env: str) -> Done:
        for name, value in env.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["routing", *arguments])
        monkeypatch.setattr(sys, "stdin", io.StringIO(text))
        code = main()
        told = capsys.readouterr()
        return Done(code, told.out, told.err)

    yield asked
    logging.getLogger().handlers[:] = handlers


def test_an_inspector_asks_which_sentences_are_emergencies():
    said = [{"id": 1, "text": "我家着火了快来人"}, {"id": 2, "text": "居住证怎么办理"}]
    text = "\n".join(json.dumps(s, ensure_ascii=False) for s in said)
    door = [sys.executable, "-m", "routing", "judge"]
    done = subprocess.run(door, input=text, capture_output=True, text=True, check=True)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(a["id"], a["action"]) for a in answers] == [(1, "A"), (2, "N")]
    assert set(answers[0]) == {"id", "action", "service", "because"}


def test_a_broken_line_is_named(run):
    done = run("judge", text='{"id": 1, "text": "你好"}\nnot json\n')
    assert done.returncode == 2
    assert "line 2 is not JSON" in done.stderr
    with pytest.raises(BadLine, match='line 1 is not an object with a "text"'):
        list(lines(['{"id": 3}']))


def test_an_inspector_reads_the_calls_without_the_callers_numbers(run, session, office_url):
    at = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
    apply(session, CallEvent("c1", 1, at, "arrived", {"caller": "13812345678", "line": "12345"}))
    readings = {"alternatives": ["路灯不亮", "路等不亮"], "confidences": [0.7, 0.2]}
    apply(session, CallEvent("c1", 2, at, "heard", {"text": "路灯不亮"} | readings))
    apply(session, CallEvent("c1", 3, at, "ended", {"outcome": "hangup", "cause": "16"}))
    session.commit()
    done = run("calls", "--since", "2026-03-02", DATABASE_URL=office_url)
    (told,) = map(json.loads, done.stdout.splitlines())
    assert "13812345678" not in done.stdout
    assert (told["id"], told["outcome"], told["turns"][0]["text"]) == ("c1", "hangup", "路灯不亮")
    assert {name: told["turns"][0][name] for name in readings} == readings
    with_numbers = run("calls", "--since", "2026-03-02", "--numbers", DATABASE_URL=office_url)
    assert json.loads(with_numbers.stdout)["caller"] == "13812345678"
    assert run("calls", "--since", "2026-03-03T00:00+08:00", DATABASE_URL=office_url).stdout == ""


def test_times_are_local_unless_they_say_otherwise():
    assert moment("2026-03-02T08:00") == datetime(2026, 3, 2, 0, 0, tzinfo=UTC)
    assert moment("2026-03-02T08:00+00:00") == datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
    assert moment("08:30").hour == 8
    with pytest.raises(BadLine, match="is no time"):
        moment("yesterday")


def test_the_tables_are_made_by_one_command(run, database_url):
    assert run("upgrade", DATABASE_URL=database_url).returncode == 0
    assert run("calls", "--since", "2026-03-02", DATABASE_URL=database_url).returncode == 0
    assert run("upgrade", "--back-to", "base", DATABASE_URL=database_url).returncode == 0


def test_any_set_is_run_through_dispatch(run):
    said = [
        {"id": "a", "text": "我家暖气不热", "place": "泰安名苑", "at": "2026-03-03T10:00"},
        {"id": "b", "text": ""},
        {"id": "c", "text": "井盖没了"},
    ]
    done = run("propose", text="\n".join(json.dumps(s, ensure_ascii=False) for s in said))
    first, empty, undirected = map(json.loads, done.stdout.splitlines())
    assert (first["leaf"], first["lead"], first["district"]) == ("0101", "heat_co.hbw", "海勃湾区")
    assert first["due"] == "2026-03-04T10:00:00+08:00"
    assert first["leaf_candidates"][0] == "0101"
    assert (empty["id"], empty["leaf"]) == ("b", None)
    assert (undirected["lead"], undirected["lead_name"]) == (None, None)
    wanted = {"id", "leaf", "leaf_candidates", "district", "grid", "lead", "assist", "due", "because", "runners_up"}
    assert wanted <= set(first)
    assert run("propose", text='{"id": 1, "text": "x", "leaf": "9999"}').returncode == 2


def test_the_audit_of_an_untouched_city_is_clean(run, office_url):
    assert run("verify-audit", DATABASE_URL=office_url).returncode == 0

import logging
import os
import resource
import signal
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from servers import Postgres
from sqlalchemy.orm import Session

from routing import schema
from routing.database import connect
from routing.journal import Journal, read_line, write_line
from routing.records import CallEvent, call

AT = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)

WRITER = """
import sys
from datetime import UTC, datetime
from routing.journal import Journal
from routing.records import CallEvent
journal = Journal(sys.argv[1], sys.argv[2])
for n in range(1, 100000):
    journal.append(CallEvent("c", n, datetime.now(UTC), "said", {"text": "字" * 20}))
    print(n, flush=True)
"""


def fact(seq, kind="said", call="c", **data):
    return CallEvent(call, seq, AT, kind, data or {"text": "你好"})


def seqs(engine, call_id="c"):
    with Session(engine) as session:
        record = call(session, call_id)
        return [e.seq for e in record.events] if record else []


def files(folder):
    return sorted(p.name for p in folder.glob("*.jsonl"))


def test_facts_reach_the_database_in_order(tmp_path, engine, office_url):
    journal = Journal(tmp_path / "j", office_url)
    for n in range(1, 501):
        assert journal.append(fact(n))
    assert journal.drain(30)
    assert seqs(engine) == list(range(1, 501))
    journal.close()


def test_a_writer_killed_at_any_instant_has_lost_nothing_it_was_promised(tmp_path, engine, office_url):
    for round_ in (1, 40, 200):
        folder = tmp_path / f"j{round_}"
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(folder), "sqlite:////nonexistent/none.db"], stdout=subprocess.PIPE
        )
        promised = 0
        while promised < round_:
            promised = int(writer.stdout.readline())
        writer.send_signal(signal.SIGKILL)
        rest = writer.stdout.read().split()
        writer.wait()
        promised = int(rest[-1]) if rest else promised
        next_one = Journal(folder, office_url)
        assert next_one.drain(20)
        next_one.close()
        assert set(range(1, promised + 1)) <= set(seqs(engine))
        assert files(folder) == []


def test_while_the_database_is_away_the_facts_wait(tmp_path):
    server = Postgres()
    try:
        url = server.new_database()
        schema.upgrade(url)
        journal = Journal(tmp_path, url)
        journal.append(fact(1))
        assert journal.drain()
        server.stop()
        for n in range(2, 50):
            assert journal.append(fact(n))
        assert not journal.drain(0.3)
        server.start()
        assert journal.drain(15)
        engine = connect(url)
        assert seqs(engine) == list(range(1, 50))
        engine.dispose()
        journal.close()
    finally:
        server.close()


def test_tables_that_come_later_are_waited_for(tmp_path, database_url):
    journal = Journal(tmp_path / "j", database_url)
    journal.append(fact(1))
    assert not journal.drain(0.3)
    schema.upgrade(database_url)
    assert journal.drain(15)
    journal.close()
    engine = connect(database_url)
    assert seqs(engine) == [1]
    engine.dispose()


def test_a_full_disk_is_told_and_does_not_reach_the_call(tmp_path, engine, office_url, caplog):
    journal = Journal(tmp_path / "j", office_url)
    journal.append(fact(1))
    assert journal.drain()
    held = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    size = max(p.stat().st_size for p in (tmp_path / "j").glob("*.jsonl"))
    journal._engine.dispose()
    with caplog.at_level(logging.ERROR, "routing.journal"):
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 10, before[1]))  # the next line fits by half
        try:
            assert not journal.append(fact(2))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
            signal.signal(signal.SIGXFSZ, held)
    assert "could not be journalled" in caplog.text
    assert journal.append(fact(3))  # there is room again; no half line is left in between
    assert journal.drain(15)
    assert seqs(engine) == [1, 2, 3]
    journal.close()


def test_a_torn_or_damaged_line_is_passed_over(tmp_path, engine, office_url, caplog):
    good = write_line(fact(1)) + b'{"call": 7\n' + b"\xff\x00\n" + write_line(fact(2)) + write_line(fact(3))[:20]
    (tmp_path / "j").mkdir()
    (tmp_path / "j" / "00000000000000000001-1.jsonl").write_bytes(good)
    journal = Journal(tmp_path / "j", office_url)
    assert journal.drain()
    journal.close()
    assert seqs(engine) == [1, 2]
    assert "damaged" in caplog.text
    assert files(tmp_path / "j") == []


def test_a_fact_the_database_refuses_does_not_hold_up_the_others(tmp_path, engine, office_url):
    journal = Journal(tmp_path / "j", office_url)
    journal.append(fact(1))
    journal.append(fact(2, text="\x00"))  # PostgreSQL keeps no NUL
    journal.append(fact(3, text="\ud800"))  # half a character
    journal.append(fact(4))
    assert journal.drain()
    assert {1, 4} <= set(seqs(engine))
    journal.close()


def test_two_writers_in_one_folder_do_not_remove_each_others_files(tmp_path, engine, office_url):
    first = Journal(tmp_path / "j", office_url)
    second = Journal(tmp_path / "j", office_url)
    for n in range(1, 20):
        first.append(fact(n, call="a"))
        second.append(fact(n, call="b"))
    assert first.drain()
    assert second.drain()
    assert len(files(tmp_path / "j")) == 2
    first.append(fact(20, call="a"))
    assert first.drain()
    assert seqs(engine, "a") == list(range(1, 21))
    first.close()
    second.close()


def test_finished_files_go_and_long_facts_are_refused(tmp_path, engine, office_url, monkeypatch):
    monkeypatch.setattr("routing.journal.SEGMENT", 2000)
    journal = Journal(tmp_path / "j", office_url)
    for n in range(1, 200):
        journal.append(fact(n))
    journal.append(fact(200, text="长" * 300_000))
    assert journal.drain()
    journal.append(fact(201))
    assert journal.drain()
    assert len(files(tmp_path / "j")) == 1
    assert seqs(engine) == [*range(1, 200), 201]
    journal.close()


@pytest.mark.parametrize("line", [b"", b"\n", b"[]", b'{"call":"c","seq":1,"at":"2026-03-02","kind":"x","data":{}}'])
def test_what_is_no_fact_is_none(line):
    assert read_line(line) is None


def test_a_fact_survives_the_page(tmp_path):
    assert read_line(write_line(fact(1))) == fact(1)
    assert os.listdir(tmp_path) == []

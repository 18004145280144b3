"""A city brings in all it has in one file, as the desk's own jobs do it: a hundred thousand articles, or none."""

import csv
import io
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from supervise import prefer

from kb import imports, jobs, schema, shelf, store
from kb.article import Article, State
from kb.desk import Actor
from kb.editing import Role
from kb.shelf import Wanted
from kb.tables import STAGED, ArticleRow, RevisionRow, StepRow

ROWS = 100_000
NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
ANNA = Actor("anna", Role.EDITOR)
KNOWN = Article(
    "k7", 1, "怎么交水费", (), "水费可以在营业厅交。", "水务集团", owner="water_co.hbw", valid_from=NOW.date()
)
HEAD = ["编号", "问题", "其他问法", "口播答案", "答复单位", "责任单位", "复审日期"]
# Of a job, beyond what its process has when it begins.  Held are the file (16 MB) as bytes, as text and as the reader's
# own copy of it, and every id once; rows only by the thousand.  That took 113-128 MiB; all rows at once took 385.
MEMORY = 200 << 20  # bytes
FINISHED_WITHIN = 120  # s a job may take on a busy machine before the test gives it up
PATIENT = 15  # niceness
SQLITE = pytest.mark.parametrize("database_kind", ["sqlite"])  # small files come in on either in test_imports
JOB = """
import re, sys
from pathlib import Path
from redis import Redis
from rq import Queue, SimpleWorker
from kb import jobs
def most():  # KiB held at once since the process began
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
before = most()
queue = Queue(jobs.QUEUE, connection=Redis.from_url(sys.argv[1]))
SimpleWorker([queue], connection=queue.connection).work(burst=True, logging_level="WARNING")
print(most() - before)
"""


def file_of(*, wrong: int | None = None) -> bytes:
    """Every row another article; `wrong` has no answer."""
    out = io.StringIO()
    lines = csv.writer(out)
    lines.writerow(HEAD)
    for n in range(ROWS):
        answer = "" if n == wrong else f"第{n}号业务到政务服务大厅{n % 40 + 1}号窗口办理，带身份证原件。"
        lines.writerow(
            [f"k{n}", f"第{n}号业务怎么办理", f"{n}号业务在哪里办", answer, "政务大厅", "culture", "2026-12-01"]
        )
    return out.getvalue().encode()


def received(engine: Any, data: bytes) -> int:
    with schema.writing(engine) as session:
        number = imports.receive(session, "全部.csv", data, ANNA, NOW)
        session.commit()
    return number


def watched(engine: Any, url: str, redis_url: str, job: Any, load: int) -> list[int]:
    """The job by a worker's process; what the desk's page showed of its progress."""
    assert jobs.hand_in(redis_url, job, url, load, within=jobs.IMPORT_WITHIN, name=f"{job.__name__}-{load}")
    command = [sys.executable, "-c", JOB, redis_url]
    worker = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[3], start_new_session=True)
    prefer(worker.pid, PATIENT)  # calls and browsers of other tests go first, as in a hotline
    shown = []
    for _ in range(FINISHED_WITHIN * 10):
        try:
            worker.wait(0.1)
            break
        except subprocess.TimeoutExpired:
            with Session(engine) as session:
                shown.append(imports.one(session, load).total)
    else:
        worker.kill()
    assert worker.stdout is not None
    said = worker.stdout.read()
    assert worker.wait() == 0
    assert int(said) << 10 <= MEMORY
    return shown


def count(engine: Any, table: Any) -> int:
    with Session(engine) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def known(engine: Any) -> None:
    with schema.writing(engine) as session:
        store.save(session, KNOWN, "x", NOW)
        session.commit()


@SQLITE
def test_one_bad_row_at_the_end_of_a_hundred_thousand_is_named_and_none_of_them_comes_in(
    knowledge, knowledge_url, redis_url
):
    known(knowledge)
    load = received(knowledge, file_of(wrong=ROWS - 10))
    shown = watched(knowledge, knowledge_url, redis_url, jobs.read_import, load)
    assert shown == sorted(shown)
    with Session(knowledge) as session:
        refused = imports.one(session, load)
    assert (refused.stage, refused.total, refused.wrong) == ("refused", ROWS, 1)
    assert [(e["row"], e["field"]) for e in refused.errors] == [(ROWS - 10 + 2, "spoken")]  # the line a person sees
    assert [count(knowledge, table) for table in (ArticleRow, StepRow, STAGED)] == [1, 0, 0]


@SQLITE
def test_a_hundred_thousand_articles_come_in_at_once_and_are_found(knowledge, knowledge_url, redis_url):
    known(knowledge)
    load = received(knowledge, file_of())
    shown = watched(knowledge, knowledge_url, redis_url, jobs.read_import, load)
    assert shown == sorted(shown)
    assert len(set(shown)) > 3
    with schema.writing(knowledge) as session:
        checked = imports.one(session, load)
        assert (checked.stage, checked.new, checked.changed, checked.wrong) == ("checked", ROWS - 1, 1, 0)
        imports.confirm(session, load)
        session.commit()
    assert count(knowledge, ArticleRow) == 1
    watched(knowledge, knowledge_url, redis_url, jobs.write_import, load)
    with Session(knowledge) as session:
        assert imports.one(session, load).stage == "done"
    rows = [count(knowledge, table) for table in (ArticleRow, RevisionRow, StepRow, STAGED)]
    assert rows == [ROWS, ROWS + 1, ROWS, 0]
    with Session(knowledge) as session:
        assert session.scalar(select(func.count()).where(ArticleRow.searched.contains("政务服务大厅"))) == ROWS
        for n in (0, 7, ROWS // 2, ROWS - 1):
            found, many = shelf.find(session, Wanted(f"第{n}号业务 身份证"), NOW.date())
            assert ([a.id for a in found], many) == ([f"k{n}"], 1)
        assert shelf.counts(session) == {State.DRAFT: ROWS}
        assert [a.spoken for a in store.speakable(session, NOW.date())] == [KNOWN.spoken]  # nothing else is heard yet

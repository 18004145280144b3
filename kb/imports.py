"""How do the articles of a file come in, whole or not at all?

Read and checked in a job, row by row, into a table beside the articles; looked at by a person; then written by a few
statements in one short transaction.  Whoever dies on the way leaves the articles as they were.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Engine, and_, delete, func, insert, literal, or_, select, update
from sqlalchemy.orm import Session

from kb import exchange, store
from kb.article import Article, State
from kb.desk import Actor, NoSuchArticle, local_day
from kb.editing import Action, Facts, Flaw, NotAllowed, Role, allowed
from kb.exchange import BadFile, Row
from kb.schema import writing
from kb.tables import STAGED, ArticleRow, ImportRow, RevisionRow, StepRow

TELL_EVERY = 1.0  # s between words on how far it is: SQLite writes the row anew for each, with the file in it
TOGETHER = 1000  # rows checked and kept in one transaction
ERRORS = 1000  # kept one by one; more are counted
STAGES_ZH = {
    "waiting": "等待读取",
    "reading": "正在读取",
    "checked": "可以导入",
    "refused": "有错误, 没有导入",
    "writing": "正在写入",
    "done": "已导入",
}
ARTICLE = [c.name for c in ArticleRow.__table__.c]
KEPT = {"id", "live"}  # of an article that is changed


@dataclass(frozen=True, slots=True)
class Import:
    """A file on its way, without its content."""

    id: int
    name: str
    by: str
    at: datetime
    stage: str
    format: str
    encoding: str
    expected: int
    total: int
    new: int
    changed: int
    same: int
    wrong: int
    errors: tuple[dict[str, Any], ...]
    unknown: tuple[str, ...]
    problem: str


def _import(row: ImportRow) -> Import:
    values = {name: getattr(row, name) for name in Import.__dataclass_fields__}
    return Import(**(values | {"errors": tuple(row.errors), "unknown": tuple(row.unknown)}))


def receive(session: Session, name: str, data: bytes, actor: Actor, now: datetime) -> int:
    """Keep a file to be read; its number.  The caller commits."""
    if actor.role not in {Role.EDITOR, Role.UNIT}:
        raise NotAllowed("您不能导入条目")
    if len(data) > exchange.LARGEST:
        raise BadFile(f"文件超过 {exchange.LARGEST >> 20} MB")
    row = ImportRow(
        name=name[-200:], by=actor.name, role=actor.role.value, unit=actor.unit, at=now, stage="waiting", new=0,
        changed=0, same=0, wrong=0, errors=[], unknown=[], data=data,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row.id


def one(session: Session, number: int) -> Import:
    row = session.get(ImportRow, number)
    if row is None:
        raise NoSuchArticle(str(number))
    return _import(row)


def newest(session: Session, most: int = 20) -> list[Import]:
    return [_import(r) for r in session.scalars(select(ImportRow).order_by(ImportRow.id.desc()).limit(most))]


def sample(session: Session, number: int, most: int = 10) -> list[tuple[int, str, str, bool]]:
    """The first rows that would come in: line, question, answer, and whether it is new."""
    wanted = select(STAGED.c.number, STAGED.c.question, STAGED.c.spoken, STAGED.c.base.is_(None))
    rows = session.execute(wanted.where(STAGED.c.load == number).order_by(STAGED.c.number).limit(most))
    return [(r[0], r[1], r[2], bool(r[3])) for r in rows]


@dataclass(slots=True)
class Tally:
    """What was found so far."""

    total: int = 0
    new: int = 0
    changed: int = 0
    same: int = 0
    wrong: int = 0

    def values(self) -> dict[str, int]:
        return {name: getattr(self, name) for name in Tally.__dataclass_fields__}


def check(engine: Engine, number: int, now: datetime) -> Import:
    """Read the whole file and keep what is good beside the articles; again begins anew."""
    with writing(engine) as session:
        row = session.get_one(ImportRow, number)
        if row.stage not in {"waiting", "reading"} or row.data is None:
            return _import(row)
        session.execute(delete(STAGED).where(STAGED.c.load == number))
        row.stage, row.errors, row.problem = "reading", [], ""
        actor = Actor(row.by, Role(row.role), row.unit)
        name, data = row.name, row.data
        session.commit()
    tally, errors, problem, values = Tally(), [], "", {}
    try:
        file = exchange.opened(name, data)
        values = {"format": file.format, "encoding": file.encoding, "unknown": list(file.unknown),
                  "expected": file.expected}  # fmt: skip
        told = time.monotonic()
        for part in _parts(file.rows):
            errors += _stage(engine, number, part, actor, now, tally)
            if time.monotonic() >= told + TELL_EVERY:
                _tell(engine, number, **tally.values(), **values)
                told = time.monotonic()
        if tally.total == 0:
            problem = "文件里没有条目"
    except BadFile as refused:
        problem = str(refused)
    stage = "refused" if problem or tally.wrong else "checked"
    if stage == "refused":
        _clear(engine, number)
    _tell(engine, number, **tally.values(), **values, stage=stage, errors=errors[:ERRORS], problem=problem, data=None)
    with Session(engine) as session:
        return one(session, number)


def _clear(engine: Engine, number: int) -> None:
    """Nobody asks any more for what was staged of a file before its first error."""
    with writing(engine) as session:
        session.execute(delete(STAGED).where(STAGED.c.load == number))
        session.commit()


def _parts(rows: Iterator[Row]) -> Iterator[Sequence[Row]]:
    """Batches of rows, each id once."""
    seen: dict[str, int] = {}
    count = 0
    while part := tuple(islice(rows, TOGETHER)):
        count += len(part)
        if count > exchange.MOST:
            raise BadFile(f"超过 {exchange.MOST} 行")
        once = []
        for row in part:
            wanted = str(row.values.get("id") or "").strip()
            first = seen.setdefault(wanted, row.number) if wanted else row.number
            once.append(row if first == row.number else Row(row.number, {"": f"编号 {wanted} 与第 {first} 行重复"}))
        yield once


def _stage(
    engine: Engine, number: int, part: Sequence[Row], actor: Actor, now: datetime, tally: Tally
) -> list[dict[str, Any]]:
    errors: list[dict[str, Any]] = []
    with writing(engine) as session:
        wanted = [str(row.values.get("id") or "").strip() for row in part]
        known = {
            r.id: r for r in session.scalars(select(ArticleRow).where(ArticleRow.id.in_([w for w in wanted if w])))
        }
        good = []
        for row, id_ in zip(part, wanted, strict=True):
            tally.total += 1
            before = known.get(id_)
            article, found = exchange.checked(row, store.from_row(before) if before else None)
            found += _may(before, actor)
            if found:
                tally.wrong += 1
                errors += [{"row": row.number, "field": f.field, "zh": f.zh} for f in found]
                continue
            staged = _staged(number, row.number, article, before, actor, now)
            if staged is None:
                tally.same += 1
                continue
            tally.new += before is None
            tally.changed += before is not None
            good.append(staged)
        if good and not tally.wrong:  # none of a file with errors comes in
            session.execute(insert(STAGED), good)
        session.commit()
    return errors


def _may(before: ArticleRow | None, actor: Actor) -> list[Flaw]:
    if before is None:
        return []
    facts = Facts(owns=actor.unit is not None and actor.unit == before.owner, actor=actor.name,
                  live=before.live is not None)  # fmt: skip
    try:
        allowed(State(before.state), Action.SAVE, actor.role, facts)
    except NotAllowed as problem:
        return [Flaw("id", f"已有条目 {before.id}: {problem}")]
    return []


def _staged(
    load: int, number: int, article: Article, before: ArticleRow | None, actor: Actor, now: datetime
) -> dict[str, Any] | None:
    """None when the row changes nothing."""
    if actor.role is Role.UNIT:
        article = replace(article, owner=actor.unit or "")
    if before is None:
        made = article if article.id else replace(article, id=f"i{load}-{number}")
        base, version, live, writers = None, 1, None, [actor.name]
    else:
        if article == store.from_row(before):
            return None
        made = replace(article, revision=before.revision + 1, state=State.DRAFT)
        base, version, live = before.version, before.version + 1, before.live
        writers = [*dict.fromkeys([*before.writers, actor.name])]
    return store.columns(made) | {
        "load": load, "number": number, "base": base, "version": version, "live": live, "writers": writers,
        "changed": now, "content": store.content(made),
    }  # fmt: skip


def _tell(engine: Engine, number: int, **values: Any) -> None:
    with writing(engine) as session:
        session.execute(update(ImportRow).where(ImportRow.id == number).values(**values))
        session.commit()


def confirm(session: Session, number: int) -> None:
    """A person has looked and wants it.  NotAllowed unless every row is good.  The caller commits."""
    row = session.get(ImportRow, number, with_for_update=True)
    if row is None:
        raise NoSuchArticle(str(number))
    if row.stage not in {"checked", "writing"}:
        raise NotAllowed(STAGES_ZH[row.stage])
    row.stage = "writing"


def write(engine: Engine, number: int, now: datetime) -> Import:
    """All rows become drafts and revisions, in one transaction; again does no harm."""
    with writing(engine) as session:
        row = session.get_one(ImportRow, number, with_for_update=True)
        if row.stage == "writing":
            moved = _moved_on(session, number)
            if moved:
                row.stage, row.problem = "refused", f"预览之后有 {moved} 个条目被修改, 请重新读取文件"
            else:
                _write(session, row, now)
                row.stage = "done"
            session.execute(delete(STAGED).where(STAGED.c.load == number))
        session.commit()
        return _import(row)


def _moved_on(session: Session, number: int) -> int:
    """Articles somebody touched since the rows were checked."""
    store.lock(session)
    joined = STAGED.outerjoin(ArticleRow, ArticleRow.id == STAGED.c.id)
    born = and_(STAGED.c.base.is_(None), ArticleRow.id.is_not(None))
    changed = and_(STAGED.c.base.is_not(None), func.coalesce(ArticleRow.version, -1) != STAGED.c.base)
    wanted = select(func.count()).select_from(joined).where(STAGED.c.load == number, or_(born, changed))
    return session.scalar(wanted) or 0


def _write(session: Session, row: ImportRow, now: datetime) -> None:
    mine, new = STAGED.c.load == row.id, STAGED.c.base.is_(None)
    session.execute(insert(ArticleRow).from_select(ARTICLE, select(*(STAGED.c[n] for n in ARTICLE)).where(mine, new)))
    values = {n: STAGED.c[n] for n in ARTICLE if n not in KEPT}
    session.execute(
        update(ArticleRow).where(ArticleRow.id == STAGED.c.id, mine, STAGED.c.base.is_not(None)).values(values),
        execution_options={"synchronize_session": False},
    )
    kept = select(STAGED.c.id, STAGED.c.revision, literal(now, RevisionRow.at.type), literal(row.by), STAGED.c.content)
    session.execute(insert(RevisionRow).from_select(["article", "revision", "at", "by", "content"], kept.where(mine)))
    given = literal({"import": str(row.id)}, StepRow.given.type)
    states = select(
        STAGED.c.id, STAGED.c.revision, literal(now, StepRow.at.type), literal(row.by), literal(row.role),
        literal(Action.SAVE.value), literal(State.DRAFT.value), literal(State.DRAFT.value), given,
    )  # fmt: skip
    names = ["article", "revision", "at", "by", "role", "action", "before", "after", "given"]
    session.execute(insert(StepRow).from_select(names, states.where(mine)))


def forget(session: Session, now: datetime) -> int:
    """Rows of files nobody wanted for a day; how many files.  The caller commits."""
    old = select(ImportRow).where(ImportRow.stage.in_(("checked", "refused")))
    gone = 0
    for row in session.scalars(old).all():
        if local_day(row.at) < local_day(now) and row.stage == "checked":
            session.execute(delete(STAGED).where(STAGED.c.load == row.id))
            row.stage, row.problem = "refused", "预览超过一天没有确认"
            gone += 1
    return gone

"""Which cases speak of this?  Words of a case as pairs of neighbouring characters, in an index of either database.

Chinese has no spaces and most of its words are two characters long, too short for the trigrams that databases offer;
so a case is filed under every pair of neighbours, and a query finds the cases that have all of its pairs.  Telephone
numbers and names are not filed: a unit may search its own cases and must not learn them that way.

SQLite (FTS5) hands out what it finds newest first and can stop.  PostgreSQL's GIN index knows no order, so there every
pair carries the month of the case, and the months are asked one by one, newest first, until a page is full: neither
a word of every third case nor a word of none costs more than a few index look-ups.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import pairwise

from sqlalchemy import Connection, select, text
from sqlalchemy.orm import Session

from routing.numbers import without_numbers
from routing.tables import CaseRow

RUNS = re.compile(r"[\u3400-\u9fff]+|[0-9A-Z]+")
FILLED_AT_ONCE = 5000  # cases in one step of filling the index of an existing database
# On PostgreSQL.  Without fastupdate: what is new would else lie in a list that every look-up reads to its end.
INDEX = "CREATE INDEX IF NOT EXISTS ix_case_search_words ON case_search USING gin (words) WITH (fastupdate = off)"
NEWEST = 2000  # cases that are looked through on PostgreSQL before any index
AMONG_NEWEST = (
    "SELECT number FROM (SELECT number, words FROM case_search WHERE number < :after ORDER BY number DESC"
    " LIMIT :newest) AS newest WHERE words @@ CAST(:query AS tsquery) ORDER BY number DESC LIMIT :n"
)
# LATERAL keeps the look-ups apart: all pairs of all months in one query would be read to the end, every list of them.
# OFFSET 0 keeps the order out of the inner query: walking all cases backwards is never the way here.
MONTH_BY_MONTH = (
    "SELECT found.number FROM unnest(CAST(:queries AS text[])) WITH ORDINALITY AS month (query, age), LATERAL"
    " (SELECT number FROM (SELECT number FROM case_search WHERE words @@ CAST(month.query AS tsquery)"
    " AND number < :after OFFSET 0) AS cases ORDER BY number DESC LIMIT :n) AS found LIMIT :n"
)
MANY = 5  # pairs looked up on SQLite, one of each part of a sentence: they leave a handful of cases of millions
SAMPLE = 200  # newest cases by which it is told there which pairs are rare
CONTENT = ("number", "title", "text", "place")


class TooShort(ValueError):
    """The query has no two characters side by side to look for."""


def pairs(words: str) -> set[str]:
    """Pairs of neighbouring hanzi; whole runs of digits and of capital letters."""
    return set(_in_order(words))


def _in_order(words: str) -> list[str]:
    """The same as they were said."""
    found: list[str] = []
    for run in RUNS.findall(unicodedata.normalize("NFKC", words).upper()):
        found += [run] if run[0] < "\u3400" else [run[i : i + 2] for i in range(len(run) - 1)]
    return list(dict.fromkeys(found))


def of_unit(code: str) -> str:
    """The mark under which a unit's cases are filed; no pair of hanzi looks like it."""
    return "u" + re.sub(r"[^0-9a-z]", "", code.lower())


def filed(words: Iterable[str], units: Iterable[str]) -> set[str]:
    """Everything one case is filed under."""
    return pairs(" ".join(words)) | {of_unit(unit) for unit in units}


def month(number: str) -> str:
    """YYMM of a case's number."""
    return number[2:6]


def create(connection: Connection) -> None:
    for statement in (
        (
            "CREATE TABLE case_search (number VARCHAR(14) PRIMARY KEY, words TSVECTOR NOT NULL)",
            INDEX,
        )
        if connection.dialect.name == "postgresql"
        else ("CREATE VIRTUAL TABLE case_search USING fts5(words, detail=none, tokenize='unicode61')",)
    ):
        connection.execute(text(statement))


def drop(connection: Connection) -> None:
    connection.execute(text("DROP TABLE case_search"))


def fill(connection: Connection) -> None:
    """File every case that is there already."""
    after = ""
    while True:
        rows = connection.execute(
            text(f"SELECT {', '.join(CONTENT)} FROM cases WHERE number > :after ORDER BY number LIMIT :n"),
            {"after": after, "n": FILLED_AT_ONCE},
        ).all()
        if not rows:
            return
        after = rows[-1][0]
        units: dict[str, list[str]] = {}
        for case, unit in connection.execute(
            text('SELECT "case", unit FROM case_units WHERE "case" BETWEEN :first AND :last'),
            {"first": rows[0][0], "last": after},
        ):
            units.setdefault(case, []).append(unit)
        put(connection, ((n, filed((without_numbers(w, " ") for w in words), units.get(n, ()))) for n, *words in rows))


def put(target: Connection | Session, cases: Iterable[tuple[str, set[str]]]) -> None:
    """File cases (number, what it is filed under) for the first time or anew."""
    bind = target.get_bind() if isinstance(target, Session) else target
    if bind.dialect.name == "postgresql":
        statement = (
            "INSERT INTO case_search VALUES (:number, array_to_tsvector(CAST(:words AS text[])))"
            " ON CONFLICT (number) DO UPDATE SET words = excluded.words"
        )
        values: list[dict[str, object]] = [{"number": n, "words": dated(n, words)} for n, words in cases]
    else:
        statement = "INSERT OR REPLACE INTO case_search (rowid, words) VALUES (:number, :words)"
        values = [{"number": int(n), "words": " ".join(sorted(words))} for n, words in cases]
    if values:
        target.execute(text(statement), values)


def dated(number: str, words: Iterable[str]) -> list[str]:
    """What PostgreSQL is given: every word with the month of the case before it."""
    return [month(number) + word for word in words]


def find(session: Session, words: str, limit: int, *, unit: str | None = None, after: str | None = None) -> list[str]:
    """Numbers of the newest cases with all of the words, older than `after`.  TooShort when there is nothing to ask."""
    said = _in_order(words)
    if not said:
        raise TooShort("give at least two characters side by side")
    of = [] if unit is None else [of_unit(unit)]
    if session.get_bind().dialect.name == "postgresql":
        return _find_by_month(session, sorted([*said, *of]), limit, after or "~")
    if len(said) <= MANY:
        return _find_in_order(session, [*said, *of], limit, after)
    return _find_and_check(session, said, of, limit, after)


def _find_in_order(session: Session, wanted: Iterable[str], limit: int, after: str | None) -> list[str]:
    found = session.scalars(
        text(
            "SELECT rowid FROM case_search WHERE case_search MATCH :words AND rowid < :after"
            " ORDER BY rowid DESC LIMIT :n"
        ),
        {"words": " AND ".join(f'"{w}"' for w in sorted(wanted)), "after": int(after or 10**14), "n": limit},
    )
    return [f"{number:014d}" for number in found]


def _find_and_check(session: Session, said: list[str], of: list[str], limit: int, after: str | None) -> list[str]:
    """A whole sentence: some of its pairs are looked up, and the few cases that have them are read for the others.

    SQLite reads the lists of all that it is asked for, and those of common pairs are long.
    """
    some, every = [*of, *_telling(session, said)], set(said)
    found: list[str] = []
    while len(found) < limit:
        numbers = _find_in_order(session, some, limit, after)
        held = _pairs_of(session, numbers)
        found += [number for number in numbers if every <= held.get(number, set())]
        if len(numbers) < limit:
            break
        after = numbers[-1]
    return found[:limit]


def _telling(session: Session, said: list[str]) -> list[str]:
    """MANY of the pairs: of each part of the sentence the one that the fewest of the newest cases have.

    The rarest of all would be of one part: many cases share what happened or where, few share both.
    """
    newest = session.scalars(text("SELECT words FROM case_search ORDER BY rowid DESC LIMIT :n"), {"n": SAMPLE})
    wanted = set(said)
    common = Counter(word for words in newest for word in words.split() if word in wanted)
    ends = [len(said) * n // MANY for n in range(MANY + 1)]
    return [min(said[a:b], key=lambda word: common[word]) for a, b in pairwise(ends)]


def _pairs_of(session: Session, numbers: Sequence[str]) -> dict[str, set[str]]:
    words = select(CaseRow.number, CaseRow.title, CaseRow.text, CaseRow.place)
    rows = session.execute(words.where(CaseRow.number.in_(numbers)))
    return {number: pairs(" ".join(without_numbers(part, " ") for part in parts)) for number, *parts in rows}


def _find_by_month(session: Session, wanted: Sequence[str], limit: int, after: str) -> list[str]:
    """Among the newest cases, and when they do not fill the page, one look-up for each month, newest first.

    So a word of every third case is not looked up, which would bring a month's cases, and a rare one is.
    """
    oldest, newest = session.execute(
        text("SELECT min(number), max(number) FROM case_search WHERE number < :after"), {"after": after}
    ).one()
    if oldest is None:
        return []
    queries = [" & ".join(f"'{m}{w}'" for w in wanted) for m in months(month(oldest), month(newest))]
    given = {"after": after, "n": limit}
    latest = " | ".join(f"({query})" for query in queries[:2])
    found = session.scalars(text(AMONG_NEWEST), {"query": latest, "newest": NEWEST, **given}).all()
    if len(found) < limit:
        found = session.scalars(text(MONTH_BY_MONTH), {"queries": queries, **given}).all()
    return list(found)


def months(first: str, last: str) -> Iterator[str]:
    """YYMM, newest first, both ends included."""
    day = date(2000 + int(last[:2]), int(last[2:]), 1)
    while (name := day.strftime("%y%m")) >= first:
        yield name
        day = date(day.year - (day.month == 1), day.month - 1 or 12, 1)

"""Other systems come with a key that the city gave them and can take away."""

import io
import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from routing import open_doors
from routing.__main__ import parser
from routing.api_keys import NoKey, Right, digest, issue, keys, known, note_use, revoke, stale
from routing.settings import Settings
from routing.tables import ApiKeyRow

NOW = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)


def test_a_key_opens_the_door_until_it_is_revoked(session):
    key = issue(session, "grid-app", Right.WRITE, NOW, source="grid")
    found = known(session, key)
    assert found is not None
    assert (found.name, found.may, found.source) == ("grid-app", Right.WRITE, "grid")
    assert known(session, key[:-1]) is None
    assert known(session, "") is None
    revoke(session, "grid-app", NOW + timedelta(days=1))
    assert known(session, key) is None
    assert [k.revoked for k in keys(session)] == [NOW + timedelta(days=1)]


def test_who_steals_the_database_has_no_key(session):
    key = issue(session, "reports", Right.READ, NOW)
    row = session.scalars(select(ApiKeyRow)).one()
    assert row.hash == digest(key)
    assert key not in repr({c.name: getattr(row, c.name) for c in ApiKeyRow.__table__.columns})


@pytest.mark.parametrize(
    ("name", "source", "per_minute"),
    [("", "web", 60), ("A Platform", "web", 60), ("x" * 41, "web", 60), ("fine", "fax", 60), ("fine", "web", 0)],
)
def test_a_key_needs_a_name_a_source_and_a_rate(session, name, source, per_minute):
    with pytest.raises(NoKey):
        issue(session, name, Right.READ, NOW, source=source, per_minute=per_minute)


def test_a_name_in_the_histories_never_means_another_system_later(session):
    issue(session, "grid-app", Right.WRITE, NOW)
    revoke(session, "grid-app", NOW)
    with pytest.raises(NoKey, match="already"):
        issue(session, "grid-app", Right.WRITE, NOW)
    with pytest.raises(NoKey, match="no key"):
        revoke(session, "nobody", NOW)


def test_the_city_sees_when_a_key_was_used_last(session):
    key = issue(session, "reports", Right.READ, NOW)
    found = known(session, key)
    assert stale(found, NOW)
    note_use(session, found, NOW)
    found = known(session, key)
    assert found.used == NOW
    assert not stale(found, NOW + timedelta(seconds=30))
    note_use(session, found, NOW - timedelta(hours=1))
    assert known(session, key).used == NOW


def test_the_command_prints_a_key_once_and_lists_it_without(session, office_url):
    def key_command(*words):
        told = io.StringIO()
        open_doors.run(parser().parse_args(["key", *words]), Settings(database_url=office_url), told)
        return told.getvalue()

    key = key_command("new", "--name", "grid-app", "--may", "write", "--source", "grid").strip()
    assert known(session, key).source == "grid"
    session.rollback()
    listed = key_command("list")
    assert json.loads(listed)["name"] == "grid-app"
    assert key not in listed
    key_command("revoke", "--name", "grid-app")
    assert known(session, key) is None
    session.rollback()
    with pytest.raises(open_doors.Refused, match="already"):
        key_command("new", "--name", "grid-app", "--may", "read")

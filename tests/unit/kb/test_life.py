"""Whatever people do with an article in whatever order, a caller hears only what two of them have agreed to."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from kb import desk, store
from kb.article import Article
from kb.desk import Actor
from kb.editing import Action, NotAllowed, Role
from kb.tables import Base, GateRow

ACTORS = (
    Actor("anna", Role.EDITOR), Actor("bob", Role.EDITOR), Actor("water", Role.UNIT, "water_co.hbw"),
    Actor("heat", Role.UNIT, "heat_co.hbw"), Actor("op", Role.OPERATOR), Actor("timetable", Role.TIMETABLE),
)  # fmt: skip
START = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
GOOD = Article(
    "", 0, "怎么交水费", (), "第零版。", "水务集团", owner="water_co.hbw", valid_from=date(2026, 3, 1),
    review=date(2026, 6, 1), valid_until=date(2026, 9, 1),
)  # fmt: skip
GIVEN = {"reason": "因为", "basis": "函1号", "review": "2026-08-01", "wording": "水费咋交"}


class Life(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        engine = create_engine("sqlite://")
        Base.metadata.create_all(engine)
        self.session = Session(engine)
        self.now, self.count = START, 0
        self.article = desk.create(self.session, GOOD, ACTORS[0], START).article.id
        self.wrote: dict[int, set[str]] = {1: {"anna"}}  # who had a hand in each revision since the last publication
        self.agreed: set[int] = set()

    @rule(action=st.sampled_from(list(Action)), actor=st.sampled_from(ACTORS), gate=st.booleans())
    def do(self, action: Action, actor: Actor, gate: bool) -> None:
        before = desk.standing(self.session, self.article)
        if gate:
            self.session.merge(
                GateRow(article=self.article, revision=before.article.revision, version=store.version(self.session),
                        at=self.now, asked=1, done=1, finished=True, effects=[])
            )  # fmt: skip
            self.session.flush()
        self.count += 1
        changed = replace(before.article, spoken=f"第{self.count}版。") if action is Action.SAVE else None
        given = GIVEN | {"wording": f"说法{self.count}"}
        try:
            after = desk.perform(self.session, self.article, action, actor, self.now, version=before.version,
                                 given=given, changed=changed)  # fmt: skip
        except NotAllowed:
            assert desk.standing(self.session, self.article) == before
            return
        if action in {Action.SAVE, Action.ADD_WORDING}:
            fresh = before.live == before.article.revision
            self.wrote[after.article.revision] = (set() if fresh else self.wrote[before.article.revision]) | {
                actor.name
            }
        if action is Action.PUBLISH:
            assert actor.role is Role.EDITOR
            assert actor.name not in self.wrote[after.article.revision]
            self.agreed.add(after.article.revision)
        elif action in {Action.CONFIRM, Action.DISCARD}:  # the words stay those that were agreed to
            self.agreed.add(after.article.revision)
            self.wrote[after.article.revision] = set()

    @rule(days=st.integers(1, 60))
    def time_passes(self, days: int) -> None:
        self.now += timedelta(days=days)
        desk.on_time(self.session, self.now)

    @invariant()
    def callers_hear_only_what_was_agreed_to_and_is_valid(self) -> None:
        if not hasattr(self, "session"):
            return
        heard = store.speakable(self.session, desk.local_day(self.now))
        assert len(heard) <= 1
        for article in heard:
            at = desk.standing(self.session, self.article)
            assert at.live in self.agreed
            assert article.speakable(desk.local_day(self.now))
            assert article.revision == at.live

    @invariant()
    def every_revision_is_kept(self) -> None:
        if hasattr(self, "session"):
            at = desk.standing(self.session, self.article)
            kept = [r.number for r in desk.revisions(self.session, self.article)]
            assert kept == list(range(at.article.revision, 0, -1))

    def teardown(self) -> None:
        if hasattr(self, "session"):
            self.session.close()


Life.TestCase.settings = settings(max_examples=15, stateful_step_count=25, deadline=None)
TestLife = Life.TestCase

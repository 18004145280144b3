"""Is somebody in danger?  Judged on every partial and every final, by what was written and by how it sounded."""

from dataclasses import dataclass
from enum import StrEnum

from kb.text import normalise
from routing.emergency_signs import LONGEST, Signs, read, vocabulary
from routing.emergency_weights import evidence, shipped


class Action(StrEnum):
    """What is done: A put through now, B ask one question, C a person first, S ask for one key, N nothing special."""

    A = "A"
    B = "B"
    C = "C"
    S = "S"
    N = "N"


GRAVEST = (Action.C, Action.A, Action.S, Action.B, Action.N)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The action, the service it concerns ("" for N), and why, in Chinese for the operator: which cue, which guard."""

    action: Action
    service: str
    because: str


@dataclass(frozen=True, slots=True)
class Bar:
    """Probabilities of danger, 0..1, from which something is done; `partial` while the caller still speaks."""

    ask: float
    now: float
    partial: float


NEVER = 2.0
# By what speaks for danger: a cue seen and held back by no guard, one only heard, one that a guard holds back, none.
# Cross-validated by sentence (make bench-emergency): a wrong question costs six seconds, a missed danger a life, so
# `ask` is low; nobody is put through without a cue, and on a partial only by a cue in plain sight, because more words
# may still turn it into a look-alike.
BARS = {
    "seen": Bar(ask=0.05, now=0.80, partial=0.93),
    "heard": Bar(ask=0.15, now=0.90, partial=0.97),
    "guarded": Bar(ask=0.15, now=0.97, partial=NEVER),
    "none": Bar(ask=0.22, now=NEVER, partial=NEVER),
}
SELF_HARM = "crisis"
# Share of the kinds from which a person goes first, without and with a cue of it in plain sight: it outvotes the rest,
# because to be put through to a stranger hurts who wants to die, and a person first hurts nobody.
SELF_HARM_SHARE = 0.15
SELF_HARM_SHARE_SEEN = 0.01
SELF_HARM_PARTIAL = 0.8  # before the sentence ends only a likely danger fetches a person
NOTHING = Verdict(Action.N, "", "")


def judge(words: str, final: bool = True) -> Verdict:
    """One utterance, or the part of it heard so far (final=False).  Well under 5 ms; pure and thread-safe."""
    said = normalise(words)
    parts = dict.fromkeys((said[:LONGEST], said[-LONGEST:]))
    return min((_judge(part, final) for part in parts if part), key=_grave, default=NOTHING)


def _grave(verdict: Verdict) -> int:
    return GRAVEST.index(verdict.action)


def _judge(said: str, final: bool) -> Verdict:
    signs = read(said)
    found = evidence(signs, ended=final)
    weights = shipped()
    return decide(signs, weights.probability(found), weights.likeliest(found), final)


def decide(signs: Signs, danger: float, kinds: dict[str, float], final: bool) -> Verdict:
    """danger: probability, 0..1.  kinds: probability of each kind given danger, likeliest first."""
    bar = BARS[standing(signs)]
    kind = _kind(signs, kinds)
    if signs.silent and final and kind != SELF_HARM:
        return _verdict(Action.S, "silent", signs, danger)
    if danger < bar.ask:
        return NOTHING
    if kind == SELF_HARM:
        return _verdict(Action.C, kind, signs, danger) if final or danger >= SELF_HARM_PARTIAL else NOTHING
    usual = Action(vocabulary().kinds[kind]["action"])
    return _verdict(usual if danger >= (bar.now if final else bar.partial) else Action.B, kind, signs, danger)


def _kind(signs: Signs, kinds: dict[str, float]) -> str:
    seen = any(cue.kind == SELF_HARM for cue in signs.seen)
    enough = SELF_HARM_SHARE_SEEN if seen else SELF_HARM_SHARE
    return SELF_HARM if kinds.get(SELF_HARM, 0.0) >= enough else next(iter(kinds), "police")


def standing(signs: Signs) -> str:
    if signs.seen and not signs.guards:
        return "seen"
    if signs.heard and not signs.guards_heard:
        return "heard"
    return "guarded" if signs.seen or signs.heard else "none"


def _verdict(action: Action, kind: str, signs: Signs, danger: float) -> Verdict:
    known = vocabulary()
    row = known.kinds[kind]
    cues = "、".join(dict.fromkeys(s.name for s in signs.silent or signs.seen or signs.heard))
    guards = "、".join(known.guard_names[name] for name in signs.guards)
    parts = [
        row["zh"],
        f"线索：{cues}" if cues else "线索：整句像险情",
        f"但{guards}" if guards else "",
        f"同时通知{row['also']}" if "also" in row else "",
        f"把握{danger:.2f}",
    ]
    return Verdict(action, row["service"], "；".join(part for part in parts if part))

"""Is somebody in danger?  Judged on every partial and every final, by what was written and by how it sounded."""

from dataclasses import dataclass
from enum import StrEnum

from kb.text import normalise
from routing.emergency_signs import LONGEST, Signs, read, vocabulary
from routing.emergency_weights import SELF_HARM, Weighed, evidence, shipped


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


LATEST = 30  # characters: the end of a story is judged by itself as well, lest the story drown it
NEVER = 2.0
# By what speaks for danger: a cue seen and held back by no guard, one only heard, one that a guard holds back, none.
# Cross-validated by sentence (make bench-emergency): a wrong question costs six seconds, a missed danger a life, so
# `ask` is low; nobody is put through without a cue, and on a partial only by a cue in plain sight, because more words
# may still turn it into a look-alike.
BARS = {
    "seen": Bar(ask=0.07, now=0.80, partial=0.85),
    "heard": Bar(ask=0.10, now=0.90, partial=0.95),
    "guarded": Bar(ask=0.20, now=0.97, partial=NEVER),
    "none": Bar(ask=0.25, now=NEVER, partial=NEVER),
}
# Probability of self-harm from which a person goes first, without and with a cue of it in plain sight; and the share
# among the kinds of danger that is enough once danger is likely.  They outvote the rest, because to be put through to
# a stranger hurts who wants to die, and a person first hurts nobody.
SELF_HARM_FROM = 0.20
SELF_HARM_SEEN = 0.04
SELF_HARM_SHARE = 0.30
SELF_HARM_PARTIAL = 0.8  # before the sentence ends only a likely danger fetches a person
SILENT = "silent"  # only its signs are grounds for S
NOTHING = Verdict(Action.N, "", "")


def judge(words: str, final: bool = True) -> Verdict:
    """One utterance, or the part of it heard so far (final=False).  Well under 5 ms; pure and thread-safe."""
    said = normalise(words)
    parts = dict.fromkeys((said[:LONGEST], said[-LONGEST:], said[-LATEST:] if len(said) > LONGEST else ""))
    return min((_judge(part, final) for part in parts if part), key=_grave, default=NOTHING)


def _grave(verdict: Verdict) -> int:
    return GRAVEST.index(verdict.action)


def _judge(said: str, final: bool) -> Verdict:
    signs = read(said)
    return decide(signs, shipped().weigh(evidence(signs, ended=final)), final)


def decide(signs: Signs, weighed: Weighed, final: bool) -> Verdict:
    """What the signs and their weight come to; pure."""
    bar, danger = BARS[standing(signs)], weighed.danger
    if _self_harm(signs, weighed, bar):
        likely = max(danger, weighed.self_harm)
        return _verdict(Action.C, SELF_HARM, signs, likely) if final or likely >= SELF_HARM_PARTIAL else NOTHING
    if signs.silent and final:
        return _verdict(Action.S, SILENT, signs, danger)
    if danger < bar.ask:
        return NOTHING
    kind = next(kind for kind in weighed.kinds if kind not in {SELF_HARM, SILENT})
    usual = Action(vocabulary().kinds[kind]["action"])
    return _verdict(usual if danger >= (bar.now if final else bar.partial) else Action.B, kind, signs, danger)


def _self_harm(signs: Signs, weighed: Weighed, bar: Bar) -> bool:
    seen = any(cue.kind == SELF_HARM for cue in signs.seen)
    if weighed.self_harm >= (SELF_HARM_SEEN if seen else SELF_HARM_FROM):
        return True
    return weighed.danger >= bar.ask and weighed.kinds.get(SELF_HARM, 0.0) >= SELF_HARM_SHARE


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

"""Is somebody in danger?  Judged on every partial and every final, on what was written and on how it sounded."""

from dataclasses import dataclass
from enum import StrEnum

from kb.text import plain
from routing.emergency_cues import Findings, find
from routing.emergency_weights import Weights, shipped


class Action(StrEnum):
    """What is done: A put through now, B ask one question, C a person first, S ask for one key, N nothing special."""

    A = "A"
    B = "B"
    C = "C"
    S = "S"
    N = "N"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The action, the service it concerns, and why, in words an operator reads."""

    action: Action
    service: str
    because: str


NOTHING = Verdict(Action.N, "", "")
# Probabilities of the learned model.  Chosen by leave-one-source-out on the open sets (tests/bench/emergency.py prints
# what they give): tuned for recall, a wrong question costs six seconds, a missed one a life.
NOW = 0.93
NOW_PARTIAL = 0.985  # more words may still turn it into a look-alike ("着火……的事怎么赔")
ASK = 0.12
CUE_NOW = 0.6  # beside a cue that no guard holds back
HINT = 0.01
SELF_HARM = 0.5
DESK = {"110", "119", "120", "122"}  # services with a desk of their own; the others are reached through 110
FEWEST = 2  # hanzi; shorter says nothing
FEWEST_PARTIAL = 4  # hanzi of a sentence that still goes on


def judge(words: str, final: bool = True) -> Verdict:
    """One utterance, or the part of it heard so far (final=False).  Under a millisecond; pure."""
    said = plain(words)
    if len(said) < (FEWEST if final else FEWEST_PARTIAL):
        return NOTHING
    found = find(said)
    weights: Weights = shipped()
    p, harm = weights.probabilities(said, found)
    return decide(found, p, harm, final)


def decide(found: Findings, p: float, harm: float, final: bool) -> Verdict:
    """The decision from what was found and how sure the model is (p: danger, harm: self-harm, 0..1)."""
    because = "；".join(part for part in (found.reason(), f"把握{p:.2f}") if part)
    plain_cue = bool(found.by_sign) and not found.guarded
    service = found.service if found.service in DESK else "110"
    if found.self_harm(harm >= SELF_HARM) and not (found.guarded and harm < SELF_HARM) and p >= ASK:
        return Verdict(Action.C, "12356", because)
    if found.silent and final:
        return Verdict(Action.S, "110", because)
    if p >= (NOW if final else NOW_PARTIAL) or (plain_cue and p >= (CUE_NOW if final else NOW)):
        return Verdict(Action.B if found.asks else Action.A, service, because)
    if p >= ASK or (plain_cue and p >= HINT):
        return Verdict(Action.B, service, because)
    return NOTHING

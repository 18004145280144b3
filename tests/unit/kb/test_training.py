"""What is learned from questions whose article is known, and how it is kept."""

import numpy as np

from kb import ranking
from kb.ranking import Ranking
from kb.training import RIVALS, Lessons, calibrated, weigh


def lessons_of_what_counts_only_together(number: int) -> Lessons:
    """The right article is the one of which both likenesses are large or both are small."""
    random = np.random.default_rng(3)
    likenesses = np.zeros((number, RIVALS, 2))
    there = np.zeros((number, RIVALS), bool)
    there[:, :2] = True
    right = random.integers(0, 2, number)
    for n in range(number):
        same, other = random.integers(0, 2), random.integers(0, 2)
        likenesses[n, right[n]] = (same, same)
        likenesses[n, 1 - right[n]] = (other, 1 - other)
    return Lessons(likenesses + random.normal(0, 0.05, likenesses.shape), there, right)


def test_likenesses_that_tell_something_only_together_are_learned():
    weights, none = weigh(lessons_of_what_counts_only_together(400))
    numbers = Ranking(weights, none)
    asked = lessons_of_what_counts_only_together(60)
    shares = [numbers.shares(candidates[:2])[1] for candidates in asked.likenesses]
    assert all(share[right] > 0.5 for share, right in zip(shares, asked.right, strict=True))


def test_numbers_that_were_kept_weigh_as_before():
    numbers = ranking.shipped()
    again = ranking.read(ranking.kept(numbers))
    likenesses = np.random.default_rng(1).random((5, len(numbers.weights.alone)))
    assert np.allclose(numbers.shares(likenesses)[1], again.shares(likenesses)[1])
    assert np.isclose(numbers.calibration.probability(0.8), again.calibration.probability(0.8), atol=1e-4)


def test_the_surer_of_two_is_never_promised_less():
    numbers = ranking.shipped()
    rests = (0.5, 0.2, 0.1, 0.01, 0.001, 0.0001)
    promised = [numbers.calibration.probability(1 - rest) for rest in rests]
    assert promised == sorted(promised)
    assert len(set(promised)) == len(promised)
    assert promised[-1] <= ranking.HIGHEST
    assert numbers.calibration.probability(1.0) <= ranking.HIGHEST


def test_of_many_shares_the_odds_of_being_right_are_learned():
    dice = np.random.default_rng(4)
    shares = dice.uniform(0.01, 0.99, 20_000)
    told = 1 / (1 + np.exp(-0.5 * np.log(shares / (1 - shares)) + 1.0))  # less sure than it sounds
    learned = calibrated(shares.tolist(), (dice.random(len(shares)) < told).tolist())
    assert np.isclose(learned.slope, 0.5, atol=0.05)
    assert np.isclose(learned.constant, -1.0, atol=0.1)


def test_without_learned_numbers_all_candidates_are_alike():
    scores, _ = ranking.unlearned(3).shares(np.random.default_rng(1).random((4, 3)))
    assert set(scores) == {0.0}

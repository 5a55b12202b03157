"""Scores counted sets against the truth: counts in ``index.json``, reps and phases in ``*.truth.json``.

Three steps that know nothing of each other: ``plan`` and ``read_truth`` say
which recordings to count with which settings, ``run`` and ``find`` count,
``score`` and ``rate`` compare.
"""

from __future__ import annotations

from imurep.evaluate.batch import Counts, Found, find, find_in, run
from imurep.evaluate.count_index import Trial, TruthRow, plan, read_index
from imurep.evaluate.count_scores import Miss, QuietScore, RightScore, Score, SetScore, score
from imurep.evaluate.metrics import (
    Agreement,
    HoldRating,
    PhaseRating,
    QuietRating,
    Rating,
    TruthScore,
    agreement,
    hold_rating,
    phase_rating,
    quiet_rating,
    rate,
    rating,
)
from imurep.evaluate.movement_matching import Measured
from imurep.evaluate.set_matching import Comparison, QuietComparison, Range, SetComparison, compare
from imurep.evaluate.truth import Stretch, TrueRep, TrueSet, Truth, find_truths, read_truth

__all__ = [
    "Agreement",
    "Comparison",
    "Counts",
    "Found",
    "HoldRating",
    "Measured",
    "Miss",
    "PhaseRating",
    "QuietComparison",
    "QuietRating",
    "QuietScore",
    "Range",
    "Rating",
    "RightScore",
    "Score",
    "SetComparison",
    "SetScore",
    "Stretch",
    "Trial",
    "TrueRep",
    "TrueSet",
    "Truth",
    "TruthRow",
    "TruthScore",
    "agreement",
    "compare",
    "find",
    "find_in",
    "find_truths",
    "hold_rating",
    "phase_rating",
    "plan",
    "quiet_rating",
    "rate",
    "rating",
    "read_index",
    "read_truth",
    "run",
    "score",
]

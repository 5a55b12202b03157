"""Scores counted sets against true counts (``index.json``).

Three steps that know nothing of each other: ``plan`` says which recordings to
count with which settings, ``run`` counts, ``score`` compares.
"""

from __future__ import annotations

from imurep.evaluate.counting import Counts, run
from imurep.evaluate.scoring import Miss, QuietScore, RightScore, Score, SetScore, score
from imurep.evaluate.truth import Trial, TruthRow, plan, read_index

__all__ = [
    "Counts",
    "Miss",
    "QuietScore",
    "RightScore",
    "Score",
    "SetScore",
    "Trial",
    "TruthRow",
    "plan",
    "read_index",
    "run",
    "score",
]

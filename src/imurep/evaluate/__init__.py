"""Scores counted sets against the truth: counts in ``index.json``, reps and phases in ``*.truth.json``.

Three independent steps: ``plan_trials`` and ``read_truth`` give the recordings
to count and their options, ``count_all`` and ``count_recordings`` count,
``score_counts`` and ``truth_metrics`` compare.
"""

from __future__ import annotations

from imurep.evaluate.batch import CountedRecording, Counts, count_all, count_recording, count_recordings
from imurep.evaluate.count_index import Trial, TruthRow, plan_trials, read_index
from imurep.evaluate.count_scores import (
    CountScore,
    ExactCountScore,
    Miscount,
    QuietCountScore,
    SetCountScore,
    score_counts,
)
from imurep.evaluate.metrics import (
    Agreement,
    ExerciseMetrics,
    HoldMetrics,
    PhaseMetrics,
    TruthMetrics,
    agreement,
    exercise_metrics,
    hold_metrics,
    phase_metrics,
    quiet_metrics,
    truth_metrics,
)
from imurep.evaluate.movement_matching import PhasePair
from imurep.evaluate.quiet_metrics import QuietMetrics
from imurep.evaluate.set_matching import (
    QuietComparison,
    RangePair,
    RecordingComparison,
    SetComparison,
    compare,
)
from imurep.evaluate.truth import QuietInterval, TrueRep, TrueSet, Truth, find_truths, read_truth

__all__ = [
    "Agreement",
    "CountScore",
    "CountedRecording",
    "Counts",
    "ExactCountScore",
    "ExerciseMetrics",
    "HoldMetrics",
    "Miscount",
    "PhaseMetrics",
    "PhasePair",
    "QuietComparison",
    "QuietCountScore",
    "QuietInterval",
    "QuietMetrics",
    "RangePair",
    "RecordingComparison",
    "SetComparison",
    "SetCountScore",
    "Trial",
    "TrueRep",
    "TrueSet",
    "Truth",
    "TruthMetrics",
    "TruthRow",
    "agreement",
    "compare",
    "count_all",
    "count_recording",
    "count_recordings",
    "exercise_metrics",
    "find_truths",
    "hold_metrics",
    "phase_metrics",
    "plan_trials",
    "quiet_metrics",
    "read_index",
    "read_truth",
    "score_counts",
    "truth_metrics",
]

"""What the page has to know before the broker tells it anything."""

from __future__ import annotations

from imurep.exercises import EXERCISES


def about(root: str) -> dict[str, object]:
    """Content of ``about.json``; ``root`` is where the topics begin."""
    return {
        "root": root,
        "exercises": [
            {
                "name": exercise.name,
                "title": exercise.title,
                "top_deg": [exercise.top_deg.low, exercise.top_deg.high],
                "bottom_deg": [exercise.bottom_deg.low, exercise.bottom_deg.high],
                "target_tempo_s": list(exercise.target.tempo_s),
            }
            for exercise in EXERCISES.values()
        ],
    }

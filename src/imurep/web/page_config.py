"""The configuration that the page loads before it connects to the broker."""

from __future__ import annotations

from imurep.devices import KINDS
from imurep.exercises import EXERCISES


def config_for_page(root: str, *, relay: bool = False) -> dict[str, object]:
    """Content of ``about.json``; ``root`` is where the topics begin, ``relay``: a phone may hold a sensor."""
    return {
        "root": root,
        "sensors": _sensors() if relay else None,
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


def _sensors() -> dict[str, object]:
    """Filters for sensors of all kinds, as options of Web Bluetooth's ``requestDevice``."""
    kinds = KINDS.values()
    return {
        "filters": [
            *({"services": [service]} for kind in kinds for service in sorted(kind.services)),
            *({"namePrefix": name} for kind in kinds for name in kind.names),
        ],
        "services": sorted({one for kind in kinds for one in kind.services | kind.more_services}),
    }

"""What the page has to know before the broker tells it anything."""

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
    """What a browser asks for when it looks for a sensor of a known kind, in the words of Web Bluetooth."""
    kinds = KINDS.values()
    return {
        "filters": [
            *({"services": [service]} for kind in kinds for service in sorted(kind.services)),
            *({"namePrefix": name} for kind in kinds for name in kind.names),
        ],
        "services": sorted({one for kind in kinds for one in kind.services | kind.more_services}),
    }

"""imurep counts the reps of trunk exercises from an inertial sensor worn on the torso.

This module is the table of contents of the library: ``analyze`` for arrays,
``Pipeline`` for streams, and the values that they speak in.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imurep.counting.pipeline import Pipeline
    from imurep.errors import (
        ConfigError,
        ImurepError,
        PacketError,
        RecordingError,
        SinkError,
        SourceError,
    )
    from imurep.events import (
        Event,
        ExerciseSet,
        Gap,
        GapEvent,
        ImuBlock,
        LinkEvent,
        Notification,
        Packet,
        Phase,
        PhaseChange,
        Rep,
        State,
    )
    from imurep.exercises import EXERCISES
    from imurep.offline.arrays import analyze
    from imurep.recording import open_recording

__version__ = "0.1.0"

__all__ = [
    "EXERCISES",
    "ConfigError",
    "Event",
    "ExerciseSet",
    "Gap",
    "GapEvent",
    "ImuBlock",
    "ImurepError",
    "LinkEvent",
    "Notification",
    "Packet",
    "PacketError",
    "Phase",
    "PhaseChange",
    "Pipeline",
    "RecordingError",
    "Rep",
    "SinkError",
    "SourceError",
    "State",
    "analyze",
    "open_recording",
]

_HOME = {
    "analyze": "offline.arrays",
    "Pipeline": "counting.pipeline",
    "open_recording": "recording",
    "EXERCISES": "exercises",
} | {name: "errors" for name in __all__ if name.endswith("Error")}


def __getattr__(name: str) -> object:
    # On first use: the commands' --help need not wait for numpy and vqf.
    if name not in __all__:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(importlib.import_module(f"{__name__}.{_HOME.get(name, 'events')}"), name)

"""imurep counts the reps of trunk exercises from an inertial sensor worn on the torso.

Start with ``analyze`` for arrays and ``analyze_file`` for files: both return an
``Analysis``. ``Pipeline`` counts a stream as it comes in. All of them give the
same events: reps, sets, changes of phase and gaps, as frozen values.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imurep.counting.motion.orientation import Motion
    from imurep.counting.params import CountingParams
    from imurep.counting.pipeline import Pipeline
    from imurep.devices import Decoder, decoder_for
    from imurep.errors import (
        ConfigError,
        ImurepError,
        PacketError,
        RecordingError,
        SinkError,
        SourceError,
    )
    from imurep.events import (
        Boundary,
        Event,
        ExerciseSet,
        Gap,
        GapEvent,
        ImuBlock,
        Instruction,
        LinkEvent,
        Notification,
        Packet,
        Phase,
        PhaseChange,
        Rep,
        State,
    )
    from imurep.exercises import EXERCISES, Exercise
    from imurep.offline.analysis import Analysis, analyze, analyze_file
    from imurep.recording import Header, Recording, open_recording
    from imurep.tempo import PhaseSpan

__version__ = "0.1.0"

__all__ = [
    "EXERCISES",
    "Analysis",
    "Boundary",
    "ConfigError",
    "CountingParams",
    "Decoder",
    "Event",
    "Exercise",
    "ExerciseSet",
    "Gap",
    "GapEvent",
    "Header",
    "ImuBlock",
    "ImurepError",
    "Instruction",
    "LinkEvent",
    "Motion",
    "Notification",
    "Packet",
    "PacketError",
    "Phase",
    "PhaseChange",
    "PhaseSpan",
    "Pipeline",
    "Recording",
    "RecordingError",
    "Rep",
    "SinkError",
    "SourceError",
    "State",
    "analyze",
    "analyze_file",
    "decoder_for",
    "open_recording",
]

_MODULES = {
    "offline.analysis": ("Analysis", "analyze", "analyze_file"),
    "counting.params": ("CountingParams",),
    "counting.pipeline": ("Pipeline",),
    "counting.motion.orientation": ("Motion",),
    "devices": ("Decoder", "decoder_for"),
    "recording": ("Header", "Recording", "open_recording"),
    "exercises": ("EXERCISES", "Exercise"),
    "tempo": ("PhaseSpan",),
    "errors": tuple(name for name in __all__ if name.endswith("Error")),
}
"""Where the names stand; those of no other module are in ``events``."""
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names}


if not TYPE_CHECKING:  # a type checker would take any name for one that is there

    def __getattr__(name: str) -> object:
        # Loaded on first use: the commands' --help need not wait for numpy and vqf.
        if name not in __all__:
            msg = f"module {__name__!r} has no attribute {name!r}"
            raise AttributeError(msg)
        return getattr(importlib.import_module(f"{__name__}.{_MODULE_OF.get(name, 'events')}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

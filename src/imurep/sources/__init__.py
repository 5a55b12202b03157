"""Sources of samples: sensors over Bluetooth, here or at a phone, and recordings replayed as if live."""

from __future__ import annotations

from imurep.sources.interface import Sink, Source
from imurep.sources.replay_source import ReplaySource
from imurep.sources.spec import BleSpec, RelaySpec, ReplaySpec, parse_spec

__all__ = ["BleSpec", "RelaySpec", "ReplaySource", "ReplaySpec", "Sink", "Source", "parse_spec"]

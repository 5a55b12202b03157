"""Where samples come from: a radio, a recording, a phone."""

from __future__ import annotations

from imurep.sources.base import Sink, Source

__all__ = ["Sink", "Source"]

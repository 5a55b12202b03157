"""The battery level, which every sensor tells in the same way."""

from __future__ import annotations


def percent(level: bytes) -> int | None:
    """Read a battery level (Bluetooth assigned number 0x2A19); None for what is none."""
    return level[0] if len(level) == 1 and level[0] <= 100 else None

"""A version of a set, as the log has it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

WITHDRAWN = "withdrawn"
"""Value of the key ``state`` of a payload when the set turned out to be none, or was deleted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSet:
    """One version of one set. Versions of an id replace each other, the highest counts."""

    set_id: str
    version: int
    sensor: str
    person: str
    started_utc: datetime
    payload: Mapping[str, Any]
    """What is published of it, ready for JSON; its ``state`` is read here too."""
    row: int = 0
    """Its place in the order of sending; 0 until it has one."""

    @property
    def withdrawn(self) -> bool:
        """Whether this version withdraws the set."""
        return bool(self.payload.get("state") == WITHDRAWN)

"""All numbers of the ordering: how long packets wait, how long counting may go back."""

from __future__ import annotations

from dataclasses import dataclass, field

from imurep.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class ReorderParams:
    """How long live packets wait for those before them (``reorder_buffer``)."""

    wait_s: float = 2.0
    """Time of arrivals: longer, and somebody who counts along would notice."""
    most_items: int = 2000
    """The queue is no longer than this; the ring of a sensor holds 350 packets."""
    backlog_s: float = 30.0
    """A range that would take so much longer than the time between two arrivals is not missing: the counter
    jumped."""

    def __post_init__(self) -> None:
        """Refuse what cannot work."""
        if min(self.wait_s, self.most_items, self.backlog_s) <= 0:
            msg = "wait_s, most_items and backlog_s must be positive"
            raise ConfigError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class LateDataParams:
    """How long samples may be late (``late_data``)."""

    keep_s: float = 180.0
    """Time of arrivals; a sensor's ring holds 60 s, and a link may be lost for as long."""
    most_items: int = 20_000
    """So many packets are kept at most: 180 s of packets of two samples."""
    settle_s: float = 2.0
    """When nothing came for so long of a range that is not complete yet, what came is counted."""

    def __post_init__(self) -> None:
        """Refuse what cannot work."""
        if min(self.keep_s, self.most_items, self.settle_s) <= 0:
            msg = "keep_s, most_items and settle_s must be positive"
            raise ConfigError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderingParams:
    """All parameters of the ordering."""

    reorder: ReorderParams = field(default_factory=ReorderParams)
    """How long live packets wait for those before them."""
    late_data: LateDataParams = field(default_factory=LateDataParams)
    """How long samples may be late."""

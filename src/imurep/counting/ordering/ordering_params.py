"""All numbers of the ordering: how long packets wait, how long counting may go back."""

from __future__ import annotations

from dataclasses import dataclass

from imurep.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderingParams:
    """All parameters of the ordering. Raises ConfigError for what cannot be."""

    wait_s: float = 2.0
    """How long live packets wait for those before them, and samples that are sent again for the rest of
    them: time of arrivals. Longer, and somebody who counts along would notice."""
    most_waiting: int = 2000
    """So many packets wait at most; the ring of a sensor holds 350."""
    keep_s: float = 180.0
    """How long samples may be late, time of arrivals; a sensor's ring holds 60 s, and a link may be lost for
    as long."""
    most_late: int = 20_000
    """So many packets are kept for that at most: 180 s of packets of two samples."""

    def __post_init__(self) -> None:
        """Refuse what cannot work."""
        if min(self.wait_s, self.most_waiting, self.keep_s, self.most_late) <= 0:
            msg = "wait_s, most_waiting, keep_s and most_late must be positive"
            raise ConfigError(msg)

"""Gains of an alpha-beta filter: how much of an error goes into a line's offset and its slope."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class AlphaBetaGains:
    """Gains that start as those of the least-squares line and end with a fading memory.

    Source: the growing-memory g-h filter (Brookner 1998, Tracking and Kalman
    Filtering Made Easy, doi:10.1002/0471224197).
    """

    memory: int = 80
    """Measurements after which the gains stay as they are."""
    prior: int = 4
    """What is known before the first measurement counts as so many of them."""

    def alpha(self, measurements: int) -> float:
        """Share of an error that goes into the offset, after so many measurements."""
        n = min(measurements + self.prior, self.memory)
        return 2 * (2 * n + 1) / ((n + 1) * (n + 2))

    def beta(self, measurements: int) -> float:
        """Share of an error, per interval, that goes into the slope."""
        n = min(measurements + self.prior, self.memory)
        return 6 / ((n + 1) * (n + 2))

"""Packets in, blocks on one clock out: jitter removed, what is missing made a value.

How the time of a sample is found depends on what its packet tells: a stamp per
sample (``stamped``), a counter, a device time or an arrival (``counted``).
Then accelerometer and gyroscope are joined where they come apart (``joining``),
and fast data are thinned (``thinning``).

The same stamped samples give the same times, values, rates and gaps, bit for
bit, however they are cut into packets; only the blocks are cut differently.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from imurep.counting.timing.clock_sync import SessionClock
from imurep.counting.timing.decimation import Thinner
from imurep.counting.timing.sample_counter import CountedTrack
from imurep.counting.timing.sensor_join import Joiner
from imurep.counting.timing.timestamped import StampedTrack
from imurep.errors import ConfigError, PacketError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imurep.events import Gap, ImuBlock, Packet

_RATE_MARGIN = 0.02  # a rate is estimated, and 10 Hz nominal has to pass


@dataclass(frozen=True, kw_only=True)
class TimebaseParams:
    """What counts as a gap, and which rates are taken. Raises ConfigError for what cannot be."""

    gap_s: float = 0.25
    """A shorter pause between stamps is no gap: the samples came late, or too few are missing to matter."""
    gap_periods: float = 4.0
    """Nor is one of fewer sampling periods."""
    back_s: float = 0.5
    """Time stamps may step back by this; further, they belong to another session."""
    min_rate_hz: float = 10.0
    """Slower data cannot show a rep's phases."""
    max_rate_hz: float = 260.0
    """Faster data are thinned,"""
    thin_rate_hz: float = 208.0
    """to this or less."""
    join_wait_s: float = 4.0
    """How long an accelerometer sample waits for the gyroscope's; a Verity Sense fills a packet of either
    for 1.4 s, and sends some of them late."""

    def __post_init__(self) -> None:
        if not all(value > 0 for value in (self.gap_s, self.gap_periods, self.back_s, self.join_wait_s)):
            msg = "gap_s, gap_periods, back_s and join_wait_s have to be positive"
            raise ConfigError(msg)
        if not 0 < self.min_rate_hz < self.thin_rate_hz <= self.max_rate_hz:
            msg = "rates have to be in the order 0 < min_rate_hz < thin_rate_hz <= max_rate_hz"
            raise ConfigError(msg)

    @property
    def back_us(self) -> float:
        """``back_s`` in microseconds."""
        return self.back_s * 1e6

    def gap_us(self, period_us: float) -> float:
        """Length from which a pause is a gap, at this sampling period."""
        return max(self.gap_s * 1e6, self.gap_periods * period_us)

    def check_rate(self, rate_hz: float) -> None:
        """Raise PacketError for a rate that is too low."""
        if not rate_hz >= self.min_rate_hz * (1 - _RATE_MARGIN):
            msg = (
                f"the data come at {rate_hz:.3g} Hz, counting reps needs at least {self.min_rate_hz:g} Hz; "
                "set the sensor or the logger to a higher rate (25 to 104 Hz), and check the unit of its time"
            )
            raise PacketError(msg)


class Timebase:
    """One session's packets become blocks of samples and gaps, in order of time.

    Times are int64 microseconds, strictly increasing, on the clock of the
    source's stamps or arrivals. Rows with NaN or infinite values are left out
    like lost samples.
    """

    def __init__(self, params: TimebaseParams | None = None) -> None:
        self._params = params or TimebaseParams()
        clock = SessionClock()
        self._acc = _Track(self._params, clock)
        self._gyr = _Track(self._params, clock)
        self._joiner = Joiner(self._params.join_wait_s * 1e6)
        self._thinner = Thinner(self._params)

    @property
    def dropped(self) -> int:
        """Packets left out: sent again, twice or too late."""
        return self._acc.counted.dropped + self._gyr.counted.dropped

    @property
    def lost(self) -> int:
        """Samples that the sensor counted and that did not come in time."""
        return self._acc.counted.lost + self._gyr.counted.lost

    def push(self, packet: Packet) -> list[ImuBlock | Gap]:
        """Take one packet; give what is known of its samples, or of earlier ones.

        Raises PacketError for a packet that cannot be used: a rate below
        ``min_rate_hz``, time stamps that go back by more than ``back_s`` or do
        not advance. It is left out then, and so are stamped samples not passed on yet.
        """
        if not packet.apart:
            return self._thinner.push(self._acc.push(packet))
        if packet.acc_ms2 is not None:
            return self._thinner.push(self._joiner.push_acc(self._acc.push(replace(packet, gyr_rads=None))))
        gyr = replace(packet, acc_ms2=packet.gyr_rads, gyr_rads=None)
        return self._thinner.push(self._joiner.push_gyr(self._gyr.push(gyr)))

    def flush(self) -> list[ImuBlock | Gap]:
        """Give what is still held back, at the end of the session. Raises PacketError as ``push`` does."""
        gyr = self._gyr.flush()
        acc = self._acc.flush()
        if gyr or acc:
            joined = [*self._joiner.push_gyr(gyr), *self._joiner.push_acc(acc)] if gyr else acc
            return self._thinner.push(joined)
        return []


class _Track:
    """One stream of samples, of either kind."""

    def __init__(self, params: TimebaseParams, clock: SessionClock) -> None:
        self.counted = CountedTrack(params, clock)
        self._stamped = StampedTrack(params)
        self._is_stamped: bool | None = None
        self._has_gyro: bool | None = None

    def push(self, packet: Packet) -> list[ImuBlock | Gap]:
        stamped = packet.stamps_us is not None
        if self._is_stamped not in {None, stamped}:
            msg = "packets with and without a time stamp per sample in one session; start a new session"
            raise PacketError(msg)
        self._is_stamped = stamped
        if not stamped:
            return self.counted.push(packet)
        has_gyro = packet.gyr_rads is not None
        out: list[ImuBlock | Gap] = []
        if self._has_gyro not in {None, has_gyro}:
            out = self._stamped.flush()
        self._has_gyro = has_gyro
        return out + self._stamped.push(_finite(packet))

    def flush(self) -> list[ImuBlock | Gap]:
        return self._stamped.flush()


def _finite(packet: Packet) -> Packet:
    """Leave out rows that hold NaN or what no sensor on a torso reads."""
    if packet.acc_ms2 is None or packet.stamps_us is None:
        return packet
    gyr = packet.gyr_rads
    if _is_sane(packet.acc_ms2) and (gyr is None or _is_sane(gyr)):
        return packet
    sane = (np.abs(packet.acc_ms2) < SANE).all(axis=1)
    if gyr is not None:
        sane &= (np.abs(gyr) < SANE).all(axis=1)
    return replace(
        packet,
        stamps_us=packet.stamps_us[sane],
        acc_ms2=packet.acc_ms2[sane],
        gyr_rads=None if gyr is None else gyr[sane],
    )


SANE = 1e9
"""No sensor reads so much, in any unit; more could not even be squared."""


def _is_sane(values: NDArray[np.float64]) -> bool:
    return len(values) == 0 or bool(values.max() < SANE and values.min() > -SANE)

"""Packets in, blocks on one clock out: jitter removed, what is missing made a value.

How the time of a sample is found depends on what its packet holds: a stamp per
sample (``timestamped``), a counter, a device time or an arrival
(``sample_counter``). Then accelerometer and gyroscope are joined where they come
apart (``sensor_join``), and fast data are decimated (``decimation``).

The same stamped samples give the same times, values, rates and gaps, bit for
bit, however they are cut into packets; only the blocks are cut differently.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from imurep.counting.timing.clock_sync import SessionClock
from imurep.counting.timing.decimation import Decimator
from imurep.counting.timing.sample_counter import SampleCounterTrack
from imurep.counting.timing.sensor_join import SensorJoin
from imurep.counting.timing.timestamped import TimestampedTrack
from imurep.counting.timing.timing_params import TimingParams
from imurep.errors import PacketError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imurep.events import Gap, ImuBlock, Packet


class Timebase:
    """One session's packets become blocks of samples and gaps, in order of time.

    Times are int64 microseconds, strictly increasing, on the clock of the
    source's stamps or arrivals. Rows with NaN or infinite values are left out
    like lost samples.
    """

    def __init__(self, params: TimingParams | None = None) -> None:
        params = params or TimingParams()
        clock = SessionClock(params.clock)
        self._acc = _SampleTrack(params, clock)
        self._gyr = _SampleTrack(params, clock)
        self._join = SensorJoin(params.join)
        self._decimator = Decimator(params.rate)

    @property
    def dropped(self) -> int:
        """Packets left out: sent again, twice or too late."""
        return self._acc.counted.dropped + self._gyr.counted.dropped

    @property
    def lost(self) -> int:
        """Samples that the sensor counted and that did not come in time."""
        return self._acc.counted.lost + self._gyr.counted.lost

    def push(self, packet: Packet) -> list[ImuBlock | Gap]:
        """Take one packet; return the samples, its own or earlier ones, whose times are known.

        Raises PacketError for a packet that cannot be used: a rate below
        ``RateParams.min_hz``, time stamps that go back by more than ``back_s`` or do
        not advance. It is left out then, and so are stamped samples not passed on yet.
        """
        if not packet.apart:
            return self._decimator.push(self._acc.push(packet))
        if packet.acc_ms2 is not None:
            return self._decimator.push(self._join.push_acc(self._acc.push(replace(packet, gyr_rads=None))))
        gyr = replace(packet, acc_ms2=packet.gyr_rads, gyr_rads=None)
        return self._decimator.push(self._join.push_gyr(self._gyr.push(gyr)))

    def flush(self) -> list[ImuBlock | Gap]:
        """Return what is still held back, at the end of the session. Raises PacketError as ``push`` does."""
        gyr = self._gyr.flush()
        acc = self._acc.flush()
        if gyr or acc:
            joined = [*self._join.push_gyr(gyr), *self._join.push_acc(acc)] if gyr else acc
            return self._decimator.push(joined)
        return []


class _SampleTrack:
    """One stream of samples, of either kind."""

    def __init__(self, params: TimingParams, clock: SessionClock) -> None:
        self.counted = SampleCounterTrack(params, clock)
        self._stamped = TimestampedTrack(params)
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

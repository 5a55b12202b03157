"""Packets that bring a sample counter, a device time, or nothing but their arrival.

Idea. The device's clock and its sampling rate are steady, what packets hold of
them jitters. A line (time of sample number n) follows the packets, by an
alpha-beta filter that starts from the nominal rate with a growing memory and
ends with a long one. Packets are never late by their own clock, so a line over
device times may follow quickly; a line over arrivals follows slowly.

Session time. At first a stream's last sample was taken when its packet arrived.
From there on the device's own clock counts, on the line that ``clock`` draws
under the arrivals. What was sent again has no arrival of its own and moves no clock.

Missing samples show as a jump of the counter, or, without one, of the device
time by more than half a packet, or of the arrival by more than a second.
A clock that jumps while the counter does not has been set; the line continues. A
new stream, or a clock that contradicts counter or arrival otherwise, starts a
new line at the arrival; times never go back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from imurep.errors import PacketError
from imurep.events import Gap, ImuBlock

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imurep.counting.timing.clock_sync import SessionClock
    from imurep.counting.timing.timing_params import TimingParams
    from imurep.events import Packet

_INDEX_MODULUS = 1 << 32
_RAMP = np.arange(256.0)  # samples of one notification; more are computed


class SampleCounterTrack:
    """Gives the samples of notifications their times.

    ``dropped`` counts packets that came twice or too late: their time has been
    passed on already. ``lost`` counts samples that by the counter were taken
    and did not come.
    """

    def __init__(self, params: TimingParams, clock: SessionClock) -> None:
        self._params = params.counter
        self._rate = params.rate
        self._clock = clock
        self.dropped = 0
        self.lost = 0
        self._stream = -1
        self._index = 0  # counter of the next sample
        self._zero_us = 0  # device time (or arrival) of the line's zero
        self._device_zero_us = 0  # device time of that zero, by the clock as it is set now
        self._shift_us = 0  # session time, so that it does not go back
        self._line_us = 0.0  # expected time of the next sample, from the line's zero
        self._period_us = 0.0
        self._packets = 0  # since the line's start
        self._arrival_us = 0
        self._last_us: int | None = None
        self._missing = False  # samples are missing since the last one passed on

    def push(self, packet: Packet) -> list[ImuBlock | Gap]:
        """Return the packet's samples with their times; nothing is held back.

        Raises PacketError for a packet without a rate, or with one outside the limits.
        """
        acc_ms2 = packet.acc_ms2
        if acc_ms2 is None:
            msg = "a packet without accelerometer samples, not marked as one of two streams"
            raise PacketError(msg)
        size = len(acc_ms2)
        if size == 0:
            return []
        # A backfill does not show when its stream began.
        if packet.stream < self._stream or (packet.backfill and packet.stream != self._stream):
            self.dropped += 1
            return []
        if packet.stream != self._stream:
            self._restart(packet, size)
        elif not self._continue(packet, size):
            self.dropped += 1
            return []
        times_us = self._times_us(packet, size)
        # A dot product is finite only when all of its values are, and quicker than asking each.
        finite = _dot(acc_ms2)
        if packet.gyr_rads is not None:
            finite += _dot(packet.gyr_rads)
        if finite - finite != 0.0:
            return self._finite_rows(times_us, acc_ms2, packet.gyr_rads)
        return self._block(times_us, acc_ms2, packet.gyr_rads)

    def _times_us(self, packet: Packet, size: int) -> NDArray[np.int64]:
        """Session times of the packet's samples; the line moves past them."""
        self._packets += 1
        if packet.index is not None:
            self._index = packet.index + size
        ramp = _RAMP[:size] if size <= len(_RAMP) else np.arange(float(size))
        clock = self._clock
        period_us = self._period_us * clock.rate
        first_us = clock.rate * (self._zero_us - clock.device_us + self._line_us)
        times_us = (ramp * period_us + first_us).astype(np.int64) + (clock.session_us + self._shift_us)
        self._line_us += size * self._period_us
        if not packet.backfill:
            self._arrival_us = packet.arrival_us
            if packet.time_us is not None:
                clock.update(self._zero_us + int(self._line_us - self._period_us), packet.arrival_us)
        return times_us

    def _restart(self, packet: Packet, size: int) -> None:
        if packet.rate_hz is None:
            msg = "the source gives no sampling rate; set it there"
            raise PacketError(msg)
        self._rate.check(packet.rate_hz)
        self._stream = packet.stream
        self._period_us = period_us = 1e6 / packet.rate_hz
        first_arrival_us = packet.arrival_us - round((size - 1) * period_us)
        self._zero_us = first_arrival_us if packet.time_us is None else packet.time_us
        self._device_zero_us = self._zero_us
        clock = self._clock
        clock.start(packet.stream, self._zero_us, first_arrival_us)
        self._shift_us = 0
        if self._last_us is not None:
            self._missing = True
            start_us = int(clock.rate * (self._zero_us - clock.device_us)) + clock.session_us
            self._shift_us = max(0, self._last_us + round(2 * period_us) - start_us)
        self._line_us = 0.0
        self._packets = 0

    def _continue(self, packet: Packet, size: int) -> bool:
        """Move the line to the packet's first sample; False when its samples have been passed on."""
        params, period_us = self._params, self._period_us
        by_device = packet.time_us is not None
        measured_us = packet.arrival_us - self._zero_us - (size - 1) * period_us
        if packet.time_us is not None:
            measured_us = float(packet.time_us - self._device_zero_us)
        if packet.index is not None:
            missing = self._ahead(packet.index)
        else:
            gap_us = max(size / 2, 2) * period_us if by_device else params.stall_s * 1e6
            late_us = measured_us - self._line_us
            missing = round(late_us / period_us) if late_us > gap_us else 0
        expected_us = self._line_us + missing * period_us
        error_us = measured_us - expected_us
        if packet.backfill and packet.time_us is None:
            error_us = 0.0
        elif by_device and abs(error_us) > params.jump_s * 1e6 + params.jump_rate * abs(missing) * period_us:
            if packet.backfill or missing or packet.index is None:
                return self._start_anew(packet, size)
            self._device_zero_us += round(error_us)
            error_us = 0.0
        if missing * period_us > packet.arrival_us - self._arrival_us + params.backlog_s * 1e6:
            return self._start_anew(packet, size)
        if missing < 0:
            return False
        if missing > 0:
            self.lost += missing
            self._missing = True
        gains = params.device if by_device else params.arrival
        # Backwards by half a period at most: times stay in order.
        move_us = max(gains.alpha(self._packets) * error_us, -period_us / 2)
        self._line_us = expected_us + move_us
        self._period_us = period_us + gains.beta(self._packets) * min(
            max(error_us, -size * period_us), size * period_us
        ) / (size + missing)
        return True

    def _start_anew(self, packet: Packet, size: int) -> bool:
        if packet.backfill:
            return False
        self._restart(packet, size)
        return True

    def _ahead(self, index: int) -> int:
        """By how many samples a counter is ahead of the next one; more than half the modulus is behind."""
        half = _INDEX_MODULUS // 2
        return (index - self._index + half) % _INDEX_MODULUS - half

    def _block(
        self, times_us: NDArray[np.int64], acc_ms2: NDArray[np.float64], gyr_rads: NDArray[np.float64] | None
    ) -> list[ImuBlock | Gap]:
        block = ImuBlock(time_us=times_us, acc_ms2=acc_ms2, gyr_rads=gyr_rads, rate_hz=1e6 / self._period_us)
        last_us, self._last_us = self._last_us, int(times_us[-1])
        if self._missing:
            self._missing = False
            if last_us is not None:
                return [Gap(last_us + round(self._period_us), int(times_us[0])), block]
        return [block]

    def _finite_rows(
        self, times_us: NDArray[np.int64], acc_ms2: NDArray[np.float64], gyr_rads: NDArray[np.float64] | None
    ) -> list[ImuBlock | Gap]:
        """Leave out rows with NaN or infinite values, as if they had not come."""
        good = np.isfinite(acc_ms2).all(axis=1)
        if gyr_rads is not None:
            good &= np.isfinite(gyr_rads).all(axis=1)
        edges = np.flatnonzero(np.diff(good, prepend=False, append=False)).reshape(-1, 2)
        out: list[ImuBlock | Gap] = []
        end = 0
        for first, after in edges.tolist():
            self._missing = self._missing or first > end
            rows = slice(first, after)
            out += self._block(times_us[rows], acc_ms2[rows], None if gyr_rads is None else gyr_rads[rows])
            end = after
        self._missing = self._missing or end < good.size
        return out


def _dot(values: NDArray[np.float64]) -> float:
    flat = values.ravel()
    return float(flat.dot(flat))

"""An H10 or a Verity Sense: control point, raw and delta frames.

Quirks that are here: a measurement continues without a central, until it is
stopped, and a second start is refused (6); an H10 begins its clock
in 2019 at each boot and adds a byte to its answer that is no setting; a Verity
Sense compresses, so a packet holds as many samples as fit, 71 at most; too small
an MTU is refused (10), and so is everything on the charger (13).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from firmware_sim.sensor.emulated.emulated_firmware import EmulatedFirmware, Sampling
from firmware_sim.sensor.measurement import ImuSettings
from firmware_sim.sensor.outbox import Channel

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from firmware_sim.sensor.stream import Imu

ACC, GYR, SDK_MODE = 2, 5, 9
_SETTINGS, _START, _STOP = 1, 2, 3
_DONE, _BAD_OPERATION, _BAD_TYPE, _LENGTH, _PARAMETER, _ALREADY = 0, 1, 2, 4, 5, 6
_RESOLUTION, _RATE, _RANGE, _MTU, _CHANNELS, _CHARGER = 7, 8, 9, 10, 11, 13
_REFUSALS = {0: _RATE, 1: _RESOLUTION, 2: _RANGE, 4: _CHANNELS}
_WIDTHS = {0: 2, 1: 2, 2: 2, 3: 4, 4: 1, 5: 4, 6: 16}

BOOT_NS = 599_616_000_000_000_000
"""2019-01-01, where a clock begins that was not set."""
LEAST_MTU = 232
_HEADER = struct.Struct("<BQB")
_BLOCK = 10
"""Samples in a block of differences."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolarModel:
    """What a model offers."""

    offers: Mapping[int, Mapping[int, Sequence[int]]]
    """Offered settings by type of measurement."""
    samples: int
    """Most samples in a packet."""
    compressed: bool
    factors: Mapping[int, float] = field(default_factory=dict)
    """Scales in the answer to a start, where values are raw; without one accelerations are in mg."""
    tail: bytes = b""
    """End of the answer to a start."""

    @property
    def imu_settings(self) -> ImuSettings:
        """Usual settings of its IMU."""
        acc = self.offers[ACC]
        rate = 100 if 100 in acc[0] else acc[0][0]
        return ImuSettings(rate_hz=rate, acc_range_g=8, gyr_range_dps=2000, gyroscope=GYR in self.offers)


H10 = PolarModel(
    offers={0: {0: [130], 1: [14]}, ACC: {0: [25, 50, 100, 200], 1: [16], 2: [2, 4, 8]}},
    samples=36,
    compressed=False,
    tail=b"\x01",
)
_VERITY_ACC = {0: [52], 1: [16], 2: [8], 4: [3]}
_VERITY_GYR = {0: [52], 1: [16], 2: [2000], 4: [3]}
VERITY = PolarModel(
    offers={ACC: _VERITY_ACC, GYR: _VERITY_GYR}, samples=71, compressed=True, factors={GYR: 0.07}
)
VERITY_OLD = PolarModel(
    offers={ACC: _VERITY_ACC, GYR: _VERITY_GYR},
    samples=71,
    compressed=True,
    factors={ACC: 2.44e-4, GYR: 0.07},
)
"""A Verity Sense with its first firmware, which sent raw values of both."""


class PolarFirmware(EmulatedFirmware):
    """Firmware of an H10 or a Verity Sense."""

    def __init__(self, imu: Imu, model: PolarModel) -> None:
        super().__init__(imu)
        self.requests: list[bytes] = []
        """Requests of the central, in order."""
        self._model = model
        self._running: dict[int, Sampling] = {}

    @property
    def next_us(self) -> int | None:
        """When the next packet may be full."""
        return min((one.full_us(self._model.samples) for one in self._running.values()), default=None)

    @property
    def running(self) -> set[int]:
        """Types of the measurements that run."""
        return set(self._running)

    def read_control(self) -> bytes:
        """Return the measurements that it offers."""
        return bytes([0x0F, sum(1 << kind for kind in self._model.offers)]) + bytes(15)

    def set_battery(self, percent: int, now_us: int, *, charging: bool = False) -> None:
        """Change the battery's level; on the charger nothing is measured."""
        super().set_battery(percent, now_us, charging=charging)
        if charging and self._running:
            self.press_stop(now_us)

    def press_stop(self, now_us: int) -> None:
        """Stop by itself, and report it."""
        super().press_stop(now_us)
        if self._running:
            self._notify(Channel.CONTROL, bytes([1, *self._running]))
            self._running.clear()

    def written(self, payload: bytes, now_us: int) -> None:
        """Answer a request."""
        self.advance(now_us)
        self.requests.append(payload)
        if len(payload) < 2:
            self._notify(Channel.CONTROL, bytes([0xF0, *payload[:1], 0, _LENGTH, 0]))
            return
        status, rest = self._do(payload[0], payload[1], payload[2:], now_us)
        self._notify(Channel.CONTROL, bytes([0xF0, payload[0], payload[1], status, 0]) + rest)

    def _do(self, operation: int, kind: int, body: bytes, now_us: int) -> tuple[int, bytes]:
        if kind == SDK_MODE:
            return _DONE, b""
        if kind not in self._model.offers:
            return _BAD_TYPE, b""
        match operation:
            case 1:
                return _DONE, _tlvs(self._model.offers[kind])
            case 2:
                return self._start(kind, body, now_us)
            case 3:
                return (_DONE if self._running.pop(kind, None) else _ALREADY), b""
        return _BAD_OPERATION, b""

    def _start(self, kind: int, body: bytes, now_us: int) -> tuple[int, bytes]:
        chosen = _parse(body)
        offered = self._model.offers[kind]
        if chosen is None or not {0, 1} <= set(chosen):
            return _PARAMETER, b""
        wrong = [_REFUSALS[name] for name, value in chosen.items() if value not in offered.get(name, [])]
        refusal = (
            _ALREADY
            if kind in self._running
            else _CHARGER
            if self.charging
            else _MTU
            if self.mtu < LEAST_MTU
            else wrong[0]
            if wrong
            else _DONE
        )
        if refusal != _DONE:
            return refusal, b""
        usual = self._model.imu_settings
        imu_settings = ImuSettings(
            rate_hz=chosen[0],
            acc_range_g=chosen.get(2, 8) if kind == ACC else usual.acc_range_g,
            gyr_range_dps=usual.gyr_range_dps,
            gyroscope=usual.gyroscope,
        )
        self._running[kind] = Sampling(self._imu, imu_settings, now_us)
        factor = self._model.factors.get(kind)
        return _DONE, self._model.tail if factor is None else bytes([5, 1]) + struct.pack("<f", factor)

    def _sample(self, now_us: int) -> None:
        for kind, sampling in self._running.items():
            sampling.read(now_us)
            while len(sampling.pending) >= self._model.samples:
                self._notify(Channel.DATA, self._frame(kind, sampling))

    def _frame(self, kind: int, sampling: Sampling) -> bytes:
        feed = sampling.feed
        factor = self._model.factors.get(kind)
        counts = sampling.pending.counts[: self._model.samples]
        if kind == ACC:
            scale = feed.acc_g_per_lsb * 1000 if factor is None else feed.acc_g_per_lsb / factor
            values = np.rint(counts[:, :3] * scale)
        else:
            values = np.rint(counts[:, 3:] * (feed.gyr_dps_per_lsb or 0.0) / (factor or 1.0))
        whole = values.astype(np.int64)
        if self._model.compressed:
            frame_type = 0x81 if factor is None else 0x80
            body, size = compressed(whole, self.mtu - 3 - _HEADER.size)
        else:
            frame_type, body, size = 1, whole.astype("<i2").tobytes(), len(whole)
        last_us = int(sampling.take(size).t_us[-1])
        return _HEADER.pack(kind, BOOT_NS + last_us * 1000, frame_type) + body


def compressed(values: NDArray[np.int64], room: int) -> tuple[bytes, int]:
    """A reference sample and blocks of differences, as many as fit; how many samples that are."""
    body = values[0].astype("<i2").tobytes()
    size = 1
    while size < len(values):
        steps = np.diff(values[size - 1 : size + _BLOCK], axis=0)
        bits = 1 + max(
            int(step).bit_length() if step >= 0 else int(~step).bit_length() for step in steps.flat
        )
        packed, at = 0, 0
        for step in steps.flat:
            packed |= (int(step) & ((1 << bits) - 1)) << at
            at += bits
        block = bytes([bits, len(steps)]) + packed.to_bytes((at + 7) // 8, "little")
        if len(body) + len(block) > room:
            break
        body += block
        size += len(steps)
    return body, size


def _tlvs(settings: Mapping[int, Sequence[int]]) -> bytes:
    return b"".join(
        bytes([name, len(values)]) + b"".join(value.to_bytes(_WIDTHS[name], "little") for value in values)
        for name, values in settings.items()
    )


def _parse(body: bytes) -> dict[int, int] | None:
    """Settings of a start, in any order, one value each; None if they cannot be read."""
    chosen: dict[int, int] = {}
    at = 0
    while at < len(body):
        width = _WIDTHS.get(body[at], 0)
        if width == 0 or body[at + 1 : at + 2] != b"\x01" or len(body) < at + 2 + width:
            return None
        chosen[body[at]] = int.from_bytes(body[at + 2 : at + 2 + width], "little")
        at += 2 + width
    return chosen if set(chosen) <= set(_REFUSALS) else None

"""A Movesense sensor: HELLO, SUBSCRIBE, UNSUBSCRIBE and IMU6, in messages over two notifications.

Quirks that are here: samples as float32, all of the accelerometer before all of
the gyroscope; time in whole milliseconds; one that has run out of requests
answers 429 to everything until it is restarted, and one that has no room 507.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import numpy as np

from firmware_sim.sensor.emulated.emulated_firmware import EmulatedFirmware, Sampling
from firmware_sim.sensor.ideal_imu import GRAVITY_MS2
from firmware_sim.sensor.measurement import ImuSettings
from firmware_sim.sensor.outbox import Channel

if TYPE_CHECKING:
    from firmware_sim.sensor.stream import Imu

RATES_HZ = (13, 26, 52, 104, 208)
IMU_SETTINGS = ImuSettings(rate_hz=104, acc_range_g=8, gyr_range_dps=2000)
_HELLO, _SUBSCRIBE, _UNSUBSCRIBE, _SYSTEM_MODE = 0, 1, 2, 7
_OK, _ACCEPTED, _NOT_FOUND, _CONFLICT, _EXHAUSTED, _NO_ROOM = 200, 202, 404, 409, 429, 507
_RESTART = 5
_SUBSCRIPTIONS = 4


class MovesenseFirmware(EmulatedFirmware):
    """Firmware of a Movesense sensor."""

    def __init__(self, imu: Imu, serial: str = "000000000001") -> None:
        super().__init__(imu)
        self.exhausted = False
        """Whether it has run out of requests."""
        self._serial = serial
        self._running: dict[int, tuple[Sampling, int]] = {}
        """By reference: the measurement, and its samples in a message."""

    @property
    def next_us(self) -> int | None:
        """When the next message will be full."""
        return min((one.full_us(size) for one, size in self._running.values()), default=None)

    def disconnected(self, now_us: int) -> None:
        """Forget the central's subscriptions."""
        super().disconnected(now_us)
        self._running.clear()

    def written(self, payload: bytes, now_us: int) -> None:
        """Answer a command."""
        self.advance(now_us)
        if len(payload) < 2:
            return
        command, reference = payload[:2]
        if command == _HELLO and not self.exhausted:
            words = (self._serial, "Movesense", "00-00-00-00-00-00", "emulation", "1.0")
            self._notify(
                Channel.DATA, bytes([1, reference, 1]) + b"".join(f"{one}\0".encode() for one in words)
            )
            return
        status = self._do(command, reference, payload[2:], now_us)
        self._notify(Channel.DATA, struct.pack("<BBH", 1, reference, status))

    def _do(self, command: int, reference: int, rest: bytes, now_us: int) -> int:
        if command == _SYSTEM_MODE and rest == bytes([_RESTART]):
            self.exhausted = False
            self._running.clear()
            return _ACCEPTED
        if self.exhausted:
            return _EXHAUSTED
        if command == _UNSUBSCRIBE:
            return _OK if self._running.pop(reference, None) else _NOT_FOUND
        rate_hz = _rate_hz(rest) if command == _SUBSCRIBE else None
        return _NOT_FOUND if rate_hz is None else self._subscribe(reference, rate_hz, now_us)

    def _subscribe(self, reference: int, rate_hz: int, now_us: int) -> int:
        if reference in self._running:
            return _CONFLICT
        if len(self._running) >= _SUBSCRIPTIONS:
            return _NO_ROOM
        imu_settings = ImuSettings(
            rate_hz=rate_hz, acc_range_g=IMU_SETTINGS.acc_range_g, gyr_range_dps=IMU_SETTINGS.gyr_range_dps
        )
        self._running[reference] = Sampling(self._imu, imu_settings, now_us), rate_hz // RATES_HZ[0]
        return _OK

    def _sample(self, now_us: int) -> None:
        for reference, (sampling, size) in self._running.items():
            sampling.read(now_us)
            while len(sampling.pending) >= size:
                self._send(reference, _message(sampling, size))

    def _send(self, reference: int, message: bytes) -> None:
        room = self.mtu - 3 - 2
        for at in range(0, len(message), room):
            self._notify(Channel.DATA, bytes([2 if at == 0 else 3, reference]) + message[at : at + room])


def _message(sampling: Sampling, size: int) -> bytes:
    batch = sampling.take(size)
    acc_ms2 = batch.counts[:, :3] * sampling.feed.acc_g_per_lsb * GRAVITY_MS2
    gyr_dps = batch.counts[:, 3:] * (sampling.feed.gyr_dps_per_lsb or 0.0)
    first_ms = int(batch.t_us[0]) // 1000 % 2**32
    return struct.pack("<I", first_ms) + np.concatenate((acc_ms2, gyr_dps)).astype("<f4").tobytes()


def _rate_hz(path: bytes) -> int | None:
    words = path.removesuffix(b"\0").decode(errors="replace").split("/")
    rates = {f"{rate}": rate for rate in RATES_HZ}
    return rates.get(words[3]) if words[:3] == ["", "Meas", "IMU6"] and len(words) == 4 else None

"""A WT901BLE: frames of twenty bytes, and registers.

Quirks that are here: it streams at 10 Hz once subscribed to, takes settings
only when unlocked, keeps them until it is switched off, hands over frames in
groups of what a connection event brings, and cuts some of these in two.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import numpy as np

from firmware_sim.sensor.emulated.emulated_firmware import EmulatedFirmware, Sampling
from firmware_sim.sensor.measurement import ImuSettings
from firmware_sim.sensor.outbox import Channel

if TYPE_CHECKING:
    from firmware_sim.sensor.stream import Imu

IMU_SETTINGS = ImuSettings(rate_hz=100, acc_range_g=16, gyr_range_dps=2000)
RATES_HZ = {0x06: 10, 0x07: 20, 0x08: 50, 0x09: 100, 0x0B: 200}
_RATE, _READ, _UNLOCK, _SAVE = 0x03, 0x27, 0x69, 0x00
_KEY = 0xB588
_FRAME_BYTES = 20
_GROUP_S = 0.03
_ODD_GROUP = 7
"""Every such group is cut amid a frame."""


class WitMotionFirmware(EmulatedFirmware):
    """Firmware of a WT901BLE."""

    def __init__(self, imu: Imu) -> None:
        super().__init__(imu)
        self.saved = 0
        """Number of writes to its flash."""
        self._registers = {_RATE: 0x06}
        self._unlocked = False
        self._sampling: Sampling | None = None
        self._groups = 0

    @property
    def rate_hz(self) -> int:
        """Rate of its stream."""
        return RATES_HZ[self._registers[_RATE]]

    @property
    def next_us(self) -> int | None:
        """When the next group will be full."""
        return None if self._sampling is None else self._sampling.full_us(self._group)

    @property
    def _group(self) -> int:
        return max(1, int(self.rate_hz * _GROUP_S))

    def subscribed(self, channel: Channel, now_us: int, *, on: bool) -> None:
        """Stream while the central is subscribed."""
        super().subscribed(channel, now_us, on=on)
        if channel is Channel.DATA:
            self._sampling = None
            if on:
                self._start(now_us)

    def disconnected(self, now_us: int) -> None:
        """Stop streaming."""
        super().disconnected(now_us)
        self._sampling = None

    def written(self, payload: bytes, now_us: int) -> None:
        """Take a command; what is none is ignored, as it is by the sensor."""
        self.advance(now_us)
        if len(payload) != 5 or payload[:2] != b"\xff\xaa":
            return
        register, value = struct.unpack("<BH", payload[2:])
        if register == _UNLOCK:
            self._unlocked = value == _KEY
        elif register == _READ:
            first = value & 0xFF
            values = [self._registers.get(first + k, 0) for k in range(8)]
            self._notify(Channel.DATA, struct.pack("<2sH8h", b"\x55\x71", first, *values))
        elif register == _SAVE:
            self.saved += 1
        elif register == _RATE and self._unlocked and value in RATES_HZ:
            self._registers[_RATE] = value
            if self._sampling is not None:
                self._start(now_us)

    def _start(self, now_us: int) -> None:
        imu_settings = ImuSettings(
            rate_hz=self.rate_hz,
            acc_range_g=IMU_SETTINGS.acc_range_g,
            gyr_range_dps=IMU_SETTINGS.gyr_range_dps,
        )
        self._sampling = Sampling(self._imu, imu_settings, now_us)

    def _sample(self, now_us: int) -> None:
        sampling = self._sampling
        if sampling is None:
            return
        sampling.read(now_us)
        while len(sampling.pending) >= self._group:
            group = _frames(sampling, self._group)
            self._groups += 1
            cut = len(group) - 7 if self._groups % _ODD_GROUP == 0 else min(len(group), self.mtu - 3)
            for at in range(0, len(group), cut):
                self._notify(Channel.DATA, group[at : at + cut])


def _frames(sampling: Sampling, size: int) -> bytes:
    batch = sampling.take(size)
    acc = batch.counts[:, :3] * (sampling.feed.acc_g_per_lsb * 32768 / 16)
    gyr = batch.counts[:, 3:] * ((sampling.feed.gyr_dps_per_lsb or 0.0) * 32768 / 2000)
    whole = np.clip(np.rint(np.hstack((acc, gyr, np.zeros_like(acc)))), -32768, 32767).astype("<i2")
    return b"".join(b"\x55\x61" + row.tobytes() for row in whole)

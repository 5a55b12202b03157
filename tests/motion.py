"""What a sensor on a torso reads while the trunk does exactly what a test says.

A path of the trunk angle made of holds, minimum-jerk movements and walking.
The edges of its movements under the normative rule (ARCHITECTURE.md) follow
from the formula of the movement, so tests compare against exact numbers.
Not a simulator: no breathing, no sway, no sensor errors but white noise.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Self

import numpy as np

from imurep.events import Packet

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

G_MS2 = 9.80665
FIRST_US = 7_000_000
"""Stamp of the first sample: not zero, so that nobody forgets about it."""

SHARE = math.sqrt(1 - 4 * math.sqrt(0.1 / 16))
"""Of a minimum-jerk movement, the share in which its rate, 30 s^2 (1 - s)^2, is 10 % of its peak: 0.827."""

STEPS_HZ = 1.8
BOUNCE_MS2 = 2.5
SLIP_S = 0.3


def minimum_jerk(part: Floats) -> Floats:
    """Way from 0 to 1 while ``part`` goes from 0 to 1."""
    part = np.clip(part, 0.0, 1.0)
    return part**3 * (10.0 - 15.0 * part + 6.0 * part**2)


@dataclass(frozen=True, slots=True)
class Edges:
    """A movement under the normative rule."""

    start_us: int
    end_us: int
    from_deg: float
    to_deg: float

    @property
    def duration_s(self) -> float:
        return (self.end_us - self.start_us) / 1e6

    @property
    def peak_dps(self) -> float:
        return abs(self.to_deg - self.from_deg) * 1.875 * SHARE / self.duration_s


@dataclass(frozen=True, slots=True, eq=False)
class Recorded:
    """What the sensor said, and what was true."""

    time_us: NDArray[np.int64]
    acc_ms2: Floats
    gyr_rads: Floats | None
    edges: tuple[Edges, ...] = ()

    def __len__(self) -> int:
        return len(self.time_us)

    def without_gyroscope(self) -> Recorded:
        return replace(self, gyr_rads=None)

    def shifted(self, by_us: int) -> Recorded:
        return replace(self, time_us=self.time_us + by_us)

    def part(self, start: int, stop: int) -> Recorded:
        gyr = self.gyr_rads
        return replace(
            self,
            time_us=self.time_us[start:stop],
            acc_ms2=self.acc_ms2[start:stop],
            gyr_rads=None if gyr is None else gyr[start:stop],
        )

    def packet(self) -> Packet:
        return Packet(
            arrival_us=int(self.time_us[-1]),
            acc_ms2=self.acc_ms2,
            gyr_rads=self.gyr_rads,
            stamps_us=self.time_us,
        )

    def packets(self, cuts: Iterable[int]) -> Iterator[Packet]:
        """Everything, cut before these rows."""
        for start, stop in pairwise(sorted({0, len(self), *cuts})):
            yield self.part(start, stop).packet()


class Torso:
    """A path of the trunk, put together piece by piece; starts upright unless told otherwise."""

    def __init__(self, lean_deg: float = 0.0) -> None:
        self.now_s = 0.0
        self.lean_deg = lean_deg
        self.edges: list[Edges] = []
        self._start_deg = lean_deg
        self._moves: list[tuple[float, float, float]] = []  # start, whole duration, turn in degrees
        self._slips: list[tuple[float, float]] = []
        self._walks: list[tuple[float, float, float]] = []

    @property
    def now_us(self) -> int:
        """Stamp of the present end of the path."""
        return FIRST_US + round(self.now_s * 1e6)

    def hold(self, seconds: float) -> Self:
        self.now_s += seconds
        return self

    def walk(self, seconds: float, pace: float = 1.0) -> Self:
        """Steps: the body bounces and the trunk sways a little; at a ``pace`` of 3 it runs."""
        self._walks.append((self.now_s, self.now_s + seconds, pace))
        return self.hold(seconds)

    def lean(self, to_deg: float, seconds: float) -> Self:
        """A movement that lasts ``seconds`` under the normative rule; at both sides it takes a bit longer."""
        whole_s = seconds / SHARE
        start_s = self.now_s + (whole_s - seconds) / 2
        self.edges.append(
            Edges(
                FIRST_US + round(start_s * 1e6),
                FIRST_US + round((start_s + seconds) * 1e6),
                self.lean_deg,
                to_deg,
            )
        )
        self._moves.append((self.now_s, whole_s, to_deg - self.lean_deg))
        self.lean_deg = to_deg
        return self.hold(whole_s)

    def reps(
        self,
        count: int,
        to_deg: float = 50.0,
        tempo: tuple[float, float, float, float] = (1.6, 0.5, 1.2, 0.7),
    ) -> Self:
        """Out to ``to_deg`` and back: movement, hold, movement, hold."""
        here_deg = self.lean_deg
        for _ in range(count):
            self.lean(to_deg, tempo[0]).hold(tempo[1]).lean(here_deg, tempo[2]).hold(tempo[3])
        return self

    def slip(self, by_deg: float) -> Self:
        """The strap gives way: within 0.3 s the sensor leans by so much more than the trunk."""
        self._slips.append((self.now_s, by_deg))
        return self

    def leans_deg(self, time_s: Floats) -> Floats:
        """Angle of the sensor in the sagittal plane, shape (n,)."""
        leans = np.full_like(time_s, self._start_deg)
        for start_s, whole_s, turn_deg in self._moves:
            leans += turn_deg * minimum_jerk((time_s - start_s) / whole_s)
        for start_s, by_deg in self._slips:
            leans += by_deg * minimum_jerk((time_s - start_s) / SLIP_S)
        return leans + 1.5 * self._walking(time_s) * np.sin(2 * np.pi * STEPS_HZ * time_s + 1.0)

    def _walking(self, time_s: Floats) -> Floats:
        walking = np.zeros_like(time_s)
        for start_s, end_s, pace in self._walks:
            walking += pace * (minimum_jerk(time_s - start_s) - minimum_jerk(time_s - end_s + 1.0))
        return walking

    def record(
        self,
        rate_hz: float = 104.0,
        *,
        mounting: tuple[float, float, float, float] = (1.0, 0.0, 0.0, 0.0),
        noise: float = 0.0,
        seed: int = 0,
    ) -> Recorded:
        """Sample the path.

        ``mounting`` is the quaternion (w, x, y, z), of any length, that turns vectors of
        the trunk's frame (docs/reference/frames.md) into the sensor's. A gyroscope's
        sample is the mean rate since the sample before. ``noise`` is its standard
        deviation in 0.1 m/s2 and in degrees per second.
        """
        n = round(self.now_s * rate_hz)
        time_us = FIRST_US + np.rint(np.arange(n) * (1e6 / rate_hz)).astype(np.int64)
        time_s = (time_us - FIRST_US) / 1e6
        lean = np.radians(self.leans_deg(time_s))
        before = np.radians(self.leans_deg(time_s - 1 / rate_hz))
        force = G_MS2 + BOUNCE_MS2 * self._walking(time_s) * np.sin(2 * np.pi * STEPS_HZ * time_s)
        zero = np.zeros_like(lean)
        acc = np.stack((force * np.cos(lean), zero, -force * np.sin(lean)), axis=1)
        gyr = np.stack((zero, (before - lean) * rate_hz, zero), axis=1)
        rng = np.random.default_rng(seed)
        turn = rotation(*mounting).T
        return Recorded(
            time_us,
            acc @ turn + 0.1 * noise * rng.standard_normal((n, 3)),
            gyr @ turn + math.radians(noise) * rng.standard_normal((n, 3)),
            tuple(self.edges),
        )


def rotation(w: float, x: float, y: float, z: float) -> Floats:
    """Matrix of a quaternion of any length, shape (3, 3)."""
    norm = math.sqrt(w * w + x * x + y * y + z * z)
    w, x, y, z = w / norm, x / norm, y / norm, z / norm
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )

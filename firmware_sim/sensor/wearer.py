"""The person who wears the sensor, in real time: a workout, then standing still for good.

The workout has a beginning in true time, which outlives the sensor: after a
reboot in mid-set the person is still in mid-set.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from firmware_sim.sensor.measurement import measure
from firmware_sim.sensor.ring_buffer import SampleBatch
from firmware_sim.sensor.sensor_setup import ideal_session, place_gaps

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from firmware_sim.person.workout import Session
    from firmware_sim.sensor.clock import Crystal
    from firmware_sim.sensor.measurement import ImuSettings, Samples
    from firmware_sim.sensor.sensor_setup import SensorSetup

STILL_S = 60.0
"""Length of the standing still that is simulated, and repeated."""


class Wearer:
    """A person, their workout and the IMU on their torso."""

    def __init__(
        self,
        session: Session,
        setup: SensorSetup,
        seed: int = 1,
        variation: float = 1.0,
        texture: float = 1.0,
    ) -> None:
        self._worn = worn = ideal_session(session, setup, seed, variation, texture)
        self.usual = setup.imu
        self.sets = worn.sets
        """Sets as they truly are, in seconds of the workout."""
        self.workout_s = float(worn.motion.t_s[-1])
        """Length of the workout."""
        self.clock_error_ppm = worn.clock.clock_error_ppm
        self.begin_s: float | None = None
        """True time at which the workout began; None: it begins with the first sample that is taken."""
        self._prepared: Samples | None = None
        """Samples for the usual settings, made ahead so that START need not wait for them."""
        self._prepared = self._moving(self.usual, 0.0)
        self._overruns = place_gaps(setup.link.overruns, worn.sets, self.workout_s)
        still = worn.force_ms2[-1] / np.linalg.norm(worn.force_ms2[-1])
        self._still_s = np.arange(0.0, STILL_S, 0.002)
        self._still_ms2 = np.tile(9.80665 * still, (self._still_s.size, 1))

    def _moving(self, imu_settings: ImuSettings, at_s: float) -> Samples:
        """Measure from a second of the workout to its end."""
        if (imu_settings, at_s) == (self.usual, 0.0) and self._prepared is not None:
            return self._prepared
        worn = self._worn
        clock = replace(worn.clock, nominal_hz=float(imu_settings.rate_hz))
        n = max(1, int((self.workout_s - at_s) * clock.rate_hz) + 1)
        sampled_s = at_s + np.arange(n) / clock.rate_hz
        return measure(worn.motion.t_s, worn.force_ms2, worn.rate_rads, sampled_s, imu_settings, worn.streams)

    def middle_s(self) -> float:
        """Amid the first set, in seconds of the workout; of a workout without sets, its middle."""
        return (self.sets[0].start_s + self.sets[0].end_s) / 2 if self.sets else self.workout_s / 2

    def start(self, imu_settings: ImuSettings, true_s: float, crystal: Crystal) -> WornFeed:
        """Start sampling at a true time; the workout begins then unless it has before."""
        if self.begin_s is None:
            self.begin_s = true_s
        worn = self._worn
        at_s = true_s - self.begin_s
        clock = replace(worn.clock, nominal_hz=float(imu_settings.rate_hz))
        moving = self._moving(imu_settings, at_s)
        still_s = np.arange(int(STILL_S * clock.rate_hz) - 1) / clock.rate_hz
        still = measure(
            self._still_s,
            self._still_ms2,
            np.zeros_like(self._still_ms2),
            still_s,
            imu_settings,
            worn.streams,
        )
        starts_s = [(gap.start_s - at_s, gap.seconds) for gap in self._overruns if gap.start_s is not None]
        return WornFeed(
            moving=moving,
            still=still,
            rate_hz=clock.rate_hz,
            lost=[
                (start_s * clock.rate_hz, (start_s + long_s) * clock.rate_hz) for start_s, long_s in starts_s
            ],
            start_us=crystal.us(true_s),
            period_us=1e6 * (1.0 + crystal.error_ppm * 1e-6) / clock.rate_hz,
        )


@dataclass(slots=True, kw_only=True)
class WornFeed:
    """The IMU while it samples: a Feed of the firmware."""

    moving: Samples
    still: Samples
    rate_hz: float
    lost: list[tuple[float, float]]
    """Half-open spans of sample numbers that the IMU loses."""
    start_us: int
    period_us: float
    next_number: int = 0

    @property
    def acc_g_per_lsb(self) -> float:
        """Scale of the accelerometer."""
        return self.moving.acc_g_per_lsb

    @property
    def gyr_dps_per_lsb(self) -> float | None:
        """Scale of the gyroscope, if it is on."""
        return self.moving.gyr_dps_per_lsb

    def due_us(self, samples: int) -> int:
        """Device time at which so many more than were read will have been taken."""
        return self._stamp_us(self.next_number + samples - 1)

    def read(self, now_us: int) -> SampleBatch:
        """All samples since the last read, less those that the IMU lost."""
        stop = self.next_number + max(
            0, int((now_us - self.start_us) / self.period_us) + 2 - self.next_number
        )
        while stop > self.next_number and self._stamp_us(stop - 1) > now_us:
            stop -= 1
        numbers = np.arange(self.next_number, stop)
        self.next_number = stop
        for low, high in self.lost:
            numbers = numbers[(numbers < low) | (numbers >= high)]
        stamps_us = self.start_us + np.rint(numbers * self.period_us).astype(np.int64)
        counts, clipped = self._measured(numbers)
        return SampleBatch(numbers, stamps_us, counts, clipped)

    def _stamp_us(self, number: int) -> int:
        return self.start_us + round(number * self.period_us)

    def _measured(self, numbers: NDArray[np.int64]) -> tuple[NDArray[np.int16], NDArray[np.bool_]]:
        moved = len(self.moving.counts)
        if numbers.size == 0 or numbers[-1] < moved:
            return self.moving.counts[numbers], self.moving.clipped[numbers]
        moving = numbers < moved
        rest = (numbers[~moving] - moved) % len(self.still.counts)
        counts = np.concatenate([self.moving.counts[numbers[moving]], self.still.counts[rest]])
        clipped = np.concatenate([self.moving.clipped[numbers[moving]], self.still.clipped[rest]])
        return counts, clipped


@dataclass(frozen=True, slots=True)
class WornImu:
    """The IMU on this person, as firmware with this crystal sees it: an Imu of the firmware."""

    wearer: Wearer
    crystal: Crystal

    @property
    def usual(self) -> ImuSettings:
        """Settings where START has none."""
        return self.wearer.usual

    def start(self, imu_settings: ImuSettings, at_us: int) -> WornFeed:
        """Sample from this device time on."""
        return self.wearer.start(imu_settings, self.crystal.true_s(at_us), self.crystal)

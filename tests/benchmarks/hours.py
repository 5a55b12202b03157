"""Hours at 104 Hz to count in, as a sensor sends them and as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from firmware_sim.person.exercises import EXERCISES
from firmware_sim.person.plan import SetPlan
from firmware_sim.person.workout import Session
from firmware_sim.programs.simulate import simulate
from firmware_sim.sensor.link import LinkConditions
from firmware_sim.sensor.sensor_setup import SensorSetup
from imurep.devices import decoder_for
from imurep.events import Notification

if TYPE_CHECKING:
    from numpy.typing import NDArray

RATE_HZ = 104
PACKET = 8
"""Samples in a live packet: 13 packets a second."""

_SET_S = 45.0
_LATENCY_MS = 1000 * (PACKET + 0.5) / RATE_HZ


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Hour:
    """Samples of one kind of hour."""

    name: str
    notifications: tuple[Notification, ...]
    time_us: NDArray[np.int64]
    acc_ms2: NDArray[np.float64]
    gyr_rads: NDArray[np.float64]


def hours(seconds: float) -> tuple[Hour, ...]:
    """Make three hours, or as much of each: a usual one, the hardest one and a quiet one."""
    session_of = {
        "workout, 10 sets of 10": workout(seconds),
        "nothing but reps": _reps_only(seconds),
        "no exercise": Session(daily_s=seconds),
    }
    return tuple(_hour(name, session, seconds) for name, session in session_of.items())


def workout(seconds: float) -> Session:
    """Make sets of 10, six minutes from one to the next."""
    kinds = ("back_extension_45", "good_morning", "deadlift", "romanian_deadlift")
    sets = max(1, round(10 * seconds / 3600))
    plans = tuple(SetPlan(exercise=EXERCISES[kinds[i % len(kinds)]], reps=10) for i in range(sets))
    return Session(sets=plans, rest_s=max(10.0, seconds / max(1, sets - 1) - _SET_S))


def _reps_only(seconds: float) -> Session:
    return Session(sets=(SetPlan(exercise=EXERCISES["good_morning"], reps=max(3, int(seconds / 4.5))),))


def _hour(name: str, session: Session, seconds: float) -> Hour:
    made = simulate(session, SensorSetup(link=LinkConditions(latency_ms=_LATENCY_MS)), seed=7)
    # Cut to one length; the first notification is the sensor's answer to START.
    count = 1 + int(seconds * RATE_HZ / PACKET)
    notifications = tuple(
        Notification(one.arrival_us, one.channel, one.payload) for one in made.delivery.notifications[:count]
    )
    decoder = decoder_for("open_imu")
    packets = [packet for one in notifications if (packet := decoder.feed(one)) is not None]
    acc_ms2 = np.concatenate([packet.acc_ms2 for packet in packets if packet.acc_ms2 is not None])
    gyr_rads = np.concatenate([packet.gyr_rads for packet in packets if packet.gyr_rads is not None])
    time_us = np.rint(np.arange(len(acc_ms2)) * (1e6 / RATE_HZ)).astype(np.int64)
    return Hour(name=name, notifications=notifications, time_us=time_us, acc_ms2=acc_ms2, gyr_rads=gyr_rads)

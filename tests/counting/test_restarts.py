"""A sensor that is switched off and on amid a set: a new boot, another clock, seconds that nobody saw."""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pytest

from firmware_sim.person.exercises import EXERCISES
from firmware_sim.person.plan import SetPlan
from firmware_sim.person.tempo import Tempo
from firmware_sim.person.workout import Session
from firmware_sim.sensor.clock import Crystal
from firmware_sim.sensor.sensor_setup import SensorSetup
from firmware_sim.sensor.wearer import Wearer
from imurep.counting.pipeline import Pipeline
from imurep.events import Packet
from tests.counting.watching import check, sets_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firmware_sim.person.truth import TrueRep
    from imurep.events import ExerciseSet

EXERCISE = "back_extension_45"
REPS = 12
AFTER_S = 40.0
"""The person stands still for so long in the end."""
BOOT_S = 1.0
"""From switching on to the first sample."""
PACKET_S = 0.25
G_MS2 = 9.80665


@cache
def worn(seed: int) -> Wearer:
    """A person who begins at once, so that upright was never seen."""
    plan = SetPlan(exercise=EXERCISES[EXERCISE], reps=REPS, tempo=Tempo.parse("1-0-1-1"))
    return Wearer(Session(sets=(plan,), lead_in=False, cut_after_s=8.0), SensorSetup(), seed=seed)


def truth(seed: int) -> tuple[TrueRep, ...]:
    (found,) = worn(seed).sets
    return found.reps


def streamed(wearer: Wearer, stream: int, start_s: float, stop_s: float) -> Iterator[Packet]:
    """What one boot of the sensor sends; seconds are those of the workout."""
    crystal = Crystal(booted_s=start_s - BOOT_S)
    running = wearer.start(wearer.usual, start_s, crystal)
    for now_s in np.arange(start_s + PACKET_S, stop_s, PACKET_S).tolist():
        batch = running.read(crystal.us(now_s))
        assert running.gyr_dps_per_lsb is not None
        yield Packet(
            arrival_us=round(now_s * 1e6),
            acc_ms2=np.ascontiguousarray(batch.counts[:, :3] * (running.acc_g_per_lsb * G_MS2)),
            gyr_rads=np.ascontiguousarray(batch.counts[:, 3:] * math.radians(running.gyr_dps_per_lsb)),
            rate_hz=float(wearer.usual.rate_hz),
            stream=stream,
            index=int(batch.numbers[0]),
            time_us=int(batch.t_us[0]),
        )


@cache
def whole(seed: int) -> tuple[Packet, ...]:
    """All that the first boot would have sent."""
    wearer = worn(seed)
    return tuple(streamed(wearer, 1, 0.0, wearer.workout_s + AFTER_S))


def counted(seed: int, off_s: float, on_s: float) -> list[ExerciseSet]:
    wearer = worn(seed)
    pipeline = Pipeline(exercise=EXERCISE)
    before = [packet for packet in whole(seed) if packet.arrival_us <= off_s * 1e6]
    events = []
    for packet in (*before, *streamed(wearer, 2, on_s, wearer.workout_s + AFTER_S)):
        events += pipeline.push(packet)
    events += pipeline.flush()
    check(events)
    return sets_of(events)


@pytest.mark.parametrize("seed", [2, 4])
@pytest.mark.parametrize("gap_s", [2.0, 5.0, 13.0, 27.0])
def test_no_rep_is_counted_twice(seed: int, gap_s: float) -> None:
    """A rep that the gap cuts may be counted from what is left of it, one that nobody saw is not."""
    reps = truth(seed)
    for off_s in np.arange(8.0, 28.0, 1.3).tolist():
        on_s = off_s + gap_s
        found = counted(seed, off_s, on_s)
        whole_reps = [[rep for rep in reps if rep.end_s < off_s], [rep for rep in reps if rep.start_s > on_s]]
        hidden = [rep for rep in reps if off_s <= rep.start_s and rep.end_s <= on_s]
        total = sum(one.repetitions for one in found)
        # Fewer than three reps behind the gap need not be a set.
        assert sum(len(part) for part in whole_reps if len(part) >= 3) <= total <= REPS - len(hidden), off_s


@pytest.mark.parametrize("seed", [2, 4])
@pytest.mark.parametrize("gap_s", [2.0, 5.0, 13.0])
def test_a_set_continues_behind_a_gap_that_is_shorter_than_a_rest(seed: int, gap_s: float) -> None:
    for off_s in np.arange(11.0, 18.0, 1.3).tolist():
        (found,) = counted(seed, off_s, off_s + gap_s)
        behind_s = [rep.top_s for rep in truth(seed) if rep.start_s > off_s + gap_s + 1.0]
        assert len(behind_s) >= 2
        assert [rep.top_us / 1e6 for rep in found.reps[-len(behind_s) :]] == pytest.approx(behind_s, abs=0.3)

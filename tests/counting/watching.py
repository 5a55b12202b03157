"""Watches the counter live: which event came when, and what must hold for all of them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from imurep.counting.motion.orientation import ACC, COLUMNS, FORCE, FORCE2, GRAVITY, RATE, UPWARD, Motion
from imurep.counting.motion.ring_buffer import MotionHistory
from imurep.counting.ordering.event_revisions import EventRevisions
from imurep.counting.segmentation.set_detector import SetDetector
from imurep.events import ExerciseSet, PhaseChange, Rep, State
from imurep.exercises import exercise_named

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from imurep.events import Event
    from tests.motion import Floats, Recorded, Torso

STEP_HZ = 52.0
ORDER = (State.PROVISIONAL, State.FINAL, State.WITHDRAWN)


@dataclass(frozen=True)
class Reported:
    """An event and the newest sample when it came; None when only the end of the data brought it."""

    at_us: int | None
    event: Event


def make_motion(time_us: NDArray[np.int64], gravity: Floats, rate_rads: Floats, force_ms2: Floats) -> Motion:
    """Steps of the grid with these values; all force is along gravity."""
    rows = np.empty((len(time_us), COLUMNS))
    rows[:, GRAVITY], rows[:, RATE] = gravity, rate_rads
    rows[:, ACC] = gravity * force_ms2[:, np.newaxis]
    rows[:, FORCE], rows[:, FORCE2], rows[:, UPWARD] = force_ms2, force_ms2 * force_ms2, force_ms2
    return Motion(time_us, rows)


def motion_of(recorded: Recorded) -> Motion:
    """The steps of a perfect orientation: the force of a body that is not accelerated is gravity."""
    force = np.linalg.norm(recorded.acc_ms2, axis=1)
    assert recorded.gyr_rads is not None
    return make_motion(recorded.time_us, recorded.acc_ms2 / force[:, np.newaxis], recorded.gyr_rads, force)


def history_of(torso: Torso) -> MotionHistory:
    """What is remembered of a path after it."""
    motion = motion_of(torso.record(STEP_HZ))
    history = MotionHistory(STEP_HZ, memory_s=300)
    history.append(motion)
    history.now = history.end
    return history


def watch(
    torso: Torso, *, exercise: str | None = None, min_reps: int = 3, packet: int = 4, noise: float = 0.05
) -> list[Reported]:
    """Stream a path through the set counter, ``packet`` steps at a time, and check all events."""
    motion = motion_of(torso.record(STEP_HZ, noise=noise))
    counter = SetDetector(
        session="t", exercise=exercise_named(exercise) if exercise else None, min_reps=min_reps
    )
    counter.start(STEP_HZ, gyroscope=True)
    revisions = EventRevisions()
    reported: list[Reported] = []
    for start in range(0, len(motion.time_us), packet):
        part = Motion(motion.time_us[start : start + packet], motion.rows[start : start + packet])
        reported += [
            Reported(int(part.time_us[-1]), event) for event in revisions.publish(counter.push(part))
        ]
    reported += [Reported(None, event) for event in revisions.publish(counter.flush())]
    check([one.event for one in reported], min_reps=min_reps)
    return reported


def published(events: list[Event]) -> list[Event]:
    """What a set counter reports, in the versions in which the pipeline publishes it."""
    return EventRevisions().publish(events)


def stood(reported: Iterable[Reported]) -> list[ExerciseSet]:
    """Sets that stand at the end."""
    return sets_of(one.event for one in reported)


def sets_of(events: Iterable[Event]) -> list[ExerciseSet]:
    return [event for event in events if isinstance(event, ExerciseSet) and event.state is State.FINAL]


def counts(reported: Iterable[Reported]) -> list[int]:
    return [found.repetitions for found in stood(reported)]


def check(events: Sequence[Event], *, min_reps: int = 3) -> None:
    """Check what holds for the events of a whole session, whatever the motion was."""
    last: dict[str, Rep | ExerciseSet] = {}
    for event in events:
        if isinstance(event, PhaseChange) or not isinstance(event, (Rep, ExerciseSet)):
            continue
        earlier = last.get(event.id)
        if earlier is None:
            assert event.version == 1
        else:
            assert type(earlier) is type(event)
            assert event.version > earlier.version
            assert ORDER.index(event.state) >= ORDER.index(earlier.state)
            assert earlier.state is not State.WITHDRAWN, "what was withdrawn stays so"
        last[event.id] = event
        if isinstance(event, ExerciseSet) and event.state is not State.WITHDRAWN:
            for rep in event.reps:
                assert last[rep.id] == rep, "a set holds its reps as they were told last"
    standing: set[str] = set()
    for found in sets_of(events):
        assert last[found.id] == found, "a set is final once"
        check_set(found)
        assert found.repetitions >= min_reps
        standing |= {found.id, *(rep.id for rep in found.reps)}
    for id_, event in last.items():
        assert event.state is (State.FINAL if id_ in standing else State.WITHDRAWN)
    for one, other in pairwise(sorted(sets_of(events), key=lambda found: found.start_us)):
        assert one.end_us <= other.start_us


def check_set(found: ExerciseSet) -> None:
    reps = found.reps
    assert [rep.id for rep in reps] == sorted({rep.id for rep in reps}, key=lambda id_: (len(id_), id_))
    assert found.start_us == reps[0].start_us
    assert found.end_us == reps[-1].end_us
    for rep in reps:
        assert rep.set_id == found.id
        assert rep.state is State.FINAL
        check_rep(rep)
    for rep, following in pairwise(reps):
        hold_s = rep.top_hold_s if from_the_top(rep) else rep.bottom_hold_s
        assert rep.end_us is not None
        assert hold_s is not None, "the next rep has told how long it lasted"
        assert abs(hold_s - (following.start_us - rep.end_us) / 1e6) < 1e-9, "and reaches to it"


def check_rep(rep: Rep) -> None:
    """Check one final rep: its phases add up."""
    assert rep.end_us is not None
    assert rep.start_us <= rep.top_us <= rep.end_us
    durations_s = [
        rep.eccentric_s,
        rep.concentric_s,
        rep.bottom_hold_s if from_the_top(rep) else rep.top_hold_s,
    ]
    known_s = [duration_s for duration_s in durations_s if duration_s is not None]
    assert all(duration_s >= 0 for duration_s in known_s)
    assert abs(sum(known_s) - (rep.end_us - rep.start_us) / 1e6) < 1e-9
    assert 0 < rep.range_of_motion_deg <= 180
    assert rep.peak_rate_dps >= rep.mean_rate_dps > 0


def from_the_top(rep: Rep) -> bool:
    """Whether it went eccentric first; one that ended a set at its top has no eccentric at all."""
    return rep.eccentric_s is not None and rep.top_us == rep.end_us

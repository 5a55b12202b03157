"""Sessions of a sensor that sends again what got lost: which packets, when, and what is told in the end."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from firmware_sim.person.exercises import EXERCISES
from firmware_sim.person.plan import SetPlan
from firmware_sim.person.workout import Session
from firmware_sim.programs.simulate import simulate
from firmware_sim.sensor.link import LinkConditions
from firmware_sim.sensor.sensor_setup import SensorSetup
from imurep.counting.pipeline import Pipeline
from imurep.devices import decoder_for
from imurep.events import ExerciseSet, Notification, Rep, State

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from imurep.counting.params import CountingParams
    from imurep.events import Event, Packet
    from imurep.recording import RecordingItem

RESENDS = bytes.fromhex("0100 0400 01000000 60ea0000 1400 14 00 4000 f700")
"""What a sensor with a ring of 60 s says of itself: ``info`` in docs/reference/packet-format.md."""
PACKET_US = 18 * 1e6 / 104


@cache
def session(reps: int = 6, sets: int = 1, rest_s: float = 20.0) -> tuple[Notification, ...]:
    """A workout as a sensor that can send again would tell it, nothing lost."""
    plan = SetPlan(exercise=EXERCISES["good_morning"], reps=reps)
    made = simulate(Session(sets=(plan,) * sets, rest_s=rest_s), SensorSetup(link=LinkConditions()), seed=11)
    return (
        Notification(0, "info", RESENDS),
        *(Notification(one.arrival_us, one.channel, one.payload) for one in made.delivery.notifications),
    )


@cache
def packets(reps: int = 6, sets: int = 1, rest_s: float = 20.0) -> tuple[Packet, ...]:
    """The same, decoded."""
    decoder = decoder_for("open_imu")
    return tuple(packet for one in session(reps, sets, rest_s) if (packet := decoder.feed(one)) is not None)


def again(packet: Packet, arrival_us: float, *, end: bool = False) -> Packet:
    """A packet as it is sent on request."""
    return replace(packet, arrival_us=round(arrival_us), sequence=None, backfill=True, backfill_end=end)


def in_time(live: Iterable[Packet], lost: Iterable[int]) -> list[Packet]:
    """A session in which what is lost is sent again at once."""
    lost = set(lost)
    return [again(one, one.arrival_us) if at in lost else one for at, one in enumerate(live)]


def late(live: Iterable[Packet], arrivals_us: Mapping[int, Iterable[float]]) -> list[Packet]:
    """A session in which each of these packets is lost, and is sent again so that it arrives then."""
    live = list(live)
    sent = [one for at, one in enumerate(live) if at not in arrivals_us]
    sent += [again(live[at], one_us) for at, times_us in arrivals_us.items() for one_us in times_us]
    return sorted(sent, key=lambda packet: packet.arrival_us)


def events_of(items: Iterable[RecordingItem], **options: str | int | CountingParams) -> list[Event]:
    """All events that a pipeline tells."""
    pipeline = Pipeline(**options)  # type: ignore[arg-type]  # a test passes what fits
    return [event for item in items for event in pipeline.push(item)] + pipeline.flush()


def stands(events: Iterable[Event]) -> dict[str, Rep | ExerciseSet]:
    """What stands in the end of reps and sets, without the versions. Versions have to grow."""
    last: dict[str, Rep | ExerciseSet] = {}
    for event in events:
        if isinstance(event, (Rep, ExerciseSet)):
            assert event.version > (last[event.id].version if event.id in last else 0), event.id
            if isinstance(event, ExerciseSet) and event.state is not State.WITHDRAWN:
                assert all(last[rep.id] == rep for rep in event.reps), "a set holds its reps as told"
            last[event.id] = event
    return {event.id: unversioned(event) for event in last.values() if event.state is not State.WITHDRAWN}


def unversioned(event: Rep | ExerciseSet) -> Rep | ExerciseSet:
    if isinstance(event, ExerciseSet):
        return replace(event, version=0, reps=tuple(replace(rep, version=0) for rep in event.reps))
    return replace(event, version=0)

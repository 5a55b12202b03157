"""The library of recordings once more, but as it happens: from the sensor on the torso to a dashboard.

The same command and seed that wrote a recording make the same person, motion and sensor; here its packets
go through the air, Bluetooth's stack, bleak, the pipeline, the log, paho and a broker.
"""

from __future__ import annotations

import argparse
import asyncio
import shlex
import tomllib
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from firmware_sim.programs.record_options import add_record_options, link_of
from firmware_sim.programs.sensor_options import setup_of
from firmware_sim.programs.workout_options import session_of
from firmware_sim.radio.air import Air, AirConditions
from firmware_sim.radio.hci_tcp import HciServer
from firmware_sim.radio.open_imu_sensor import virtual_sensor
from firmware_sim.sensor.sensor_setup import place_gaps
from imurep.config import Bluetooth, Data, Mqtt, Settings, Web
from imurep.evaluate import CountedRecording, Trial, compare, count_recording, exercise_metrics, read_truth
from imurep.events import ExerciseSet, Link, Rep, State
from imurep.service.assembly import run_service
from imurep.service.clock import ServiceClock
from tests.accuracy.sessions import SWING
from tests.accuracy.targets import RANGE_ACC_ONLY_DEG, RANGE_DEG, RANGE_SWINGS_DEG
from tests.broker.mosquitto import Mosquitto
from tests.radio.multi_sensor_env import EventCollector
from tests.virtual_time import PatientLoop
from tests.whole.dashboard import BRIDGE, Dashboard

if TYPE_CHECKING:
    from collections.abc import Callable

    from imurep.evaluate import ExerciseMetrics

RECORDINGS = Path(__file__).parents[2] / "recordings"
INDEX: dict[str, Any] = tomllib.loads((RECORDINGS / "index.toml").read_text("utf-8"))
NAMES = [entry["name"] for entry in INDEX["recording"]]

SPEED = 50
SUPERVISION_S = 1.0
"""The air's, so that two seconds out of range break the link."""
SAME_S, SAME_DEG = 0.005, 0.1
"""What the air may change: times of arrival, so the uncertainty between two clocks."""


@pytest.mark.no_cover
@pytest.mark.parametrize("entry", INDEX["recording"], ids=NAMES)
def test_a_dashboard_gets_what_was_done(entry: dict[str, Any], tmp_path: Path) -> None:
    truth = read_truth(RECORDINGS / f"{entry['name']}.truth.json", RECORDINGS)
    options = options_of(entry)
    sets, inside = dashboard_sets(options, tmp_path, len(truth.sets))

    assert [one["repetitions"] for one in sets] == [len(one.reps) for one in truth.sets]
    assert [one["id"] for one in sets] == [one.id for one in inside.sets()]
    for got, true in zip(sets, truth.sets, strict=True):
        assert true.exercise in got["exercise_group"]
        assert got["quality"] == {
            "accelerometer_only": options.acc_only,
            "gaps": 0,
            "lost_s": 0.0,
        }
    assert Link.STREAMING in inside.links()  # or no set would be no wonder
    assert (Link.LOST in inside.links()) == bool(options.gap)

    comparison = compare(truth, CountedRecording(tuple(map(counted, sets)), first_us=0))
    assert all(all(one.matched) for one in comparison.sets)
    assert comparison.quiet.false_reps == 0
    if truth.sets:
        bound_deg = range_bound_deg(entry)
        replayed = compare(truth, count_recording(RECORDINGS / truth.file, Trial(truth.file)))
        assert (
            beyond(
                exercise_metrics("live", comparison.sets),
                exercise_metrics("replayed", replayed.sets),
                bound_deg,
            )
            == []
        )


def dashboard_sets(
    options: argparse.Namespace, directory: Path, sets: int
) -> tuple[list[dict[str, Any]], EventCollector]:
    """The sets that a dashboard has when the workout is over, and the events of the service."""
    with (
        Mosquitto(directory) as broker,
        Dashboard(broker.port) as dashboard,
        asyncio.Runner(loop_factory=lambda: PatientLoop(SPEED)) as runner,
    ):
        all_there = partial(dashboard.until_sets, sets)
        listener = runner.run(workout(options, directory / "data", broker.port, all_there))
        dashboard.until(lambda: dashboard.count(BRIDGE, b"offline"))  # the last that the service says
        return dashboard.sets(), listener


async def workout(
    options: argparse.Namespace, directory: Path, broker_port: int, all_there: Callable[[], None]
) -> EventCollector:
    """A sensor on somebody who works out, and the service with everything that belongs to it."""
    air = Air(
        AirConditions(interval_s=0.03, loss_part=options.loss / 100, supervision_s=SUPERVISION_S),
        seed=options.seed,
    )
    server = HciServer(air)
    backend = f"bumble:{await server.start()}"
    sensor = await virtual_sensor(air, session_of(options), setup_of(options), seed=options.seed)
    wearer = sensor.wearer

    async def over() -> None:
        await sensor.begun.wait()
        loop, begin_s = asyncio.get_running_loop(), wearer.begin_s or 0.0
        gaps = place_gaps(link_of(options).gaps, list(wearer.sets), wearer.workout_s)
        for gap in sorted(gaps, key=lambda gap: gap.start_s or 0.0):
            await asyncio.sleep(begin_s + (gap.start_s or 0.0) - loop.time())
            await sensor.stay_away(gap.seconds)
        await asyncio.sleep(begin_s + wearer.workout_s - loop.time())
        await asyncio.to_thread(all_there)

    settings = Settings(
        bluetooth=Bluetooth(backend=backend),
        data=Data(directory=directory),
        mqtt=Mqtt(url=f"mqtt://127.0.0.1:{broker_port}"),
        web=Web(enabled=False),
    )
    inside = EventCollector()
    await run_service(settings, [inside], clock=ServiceClock(), until=over())
    await sensor.power_off()
    await server.close()
    return inside


def options_of(entry: dict[str, Any]) -> argparse.Namespace:
    """The options that the recording was made with."""
    parser = argparse.ArgumentParser()
    add_record_options(parser)
    return parser.parse_args([entry["name"], *shlex.split(entry["options"]), "--seed", str(entry["seed"])])


def counted(payload: dict[str, Any]) -> ExerciseSet:
    """The set that a message tells of."""
    return ExerciseSet(
        id=payload["id"],
        version=payload["version"],
        state=State(payload["state"]),
        exercise=payload["exercise"],
        exercise_group=tuple(payload["exercise_group"]),
        reps=tuple(map(_rep, payload["reps"])),
        start_us=_us(payload["start_s"]),
        end_us=_us(payload["end_s"]),
        gyroscope=payload["gyroscope"],
        top_assumed=payload["top_assumed"],
        gaps=payload["gaps"],
        confidence=payload["confidence"],
    )


def _rep(payload: dict[str, Any]) -> Rep:
    times = {
        "start_us": _us(payload["start_s"]),
        "top_us": _us(payload["top_s"]),
        "end_us": _us(payload["end_s"]),
    }
    others = {
        key: value for key, value in payload.items() if key not in {"start_s", "top_s", "end_s", "state"}
    }
    return Rep(**(others | times | {"state": State(payload["state"])}))


def _us(seconds: float) -> int:
    return round(seconds * 1e6)


def beyond(got: ExerciseMetrics, replayed: ExerciseMetrics, range_deg: float) -> list[str]:
    """Which figures are neither within the bound of the scores nor as good as the recording's, replayed."""
    figures = [
        (part.phase.value, part.error_s, other.error_s, part.bound_s, SAME_S)
        for part, other in zip(got.phases, replayed.phases, strict=True)
    ]
    figures.append(("range", got.range_error_deg, replayed.range_error_deg, range_deg, SAME_DEG))
    found = [
        f"{what}: {error.mae:.3f}, replayed {other.mae:.3f}, bound {bound:.3f}"
        for what, error, other, bound, same in figures
        if error is not None and other is not None and error.mae > max(bound, other.mae + same)
    ]
    holds, others = got.top_holds, replayed.top_holds
    if holds.missed + holds.invented > others.missed + others.invented:
        found.append(f"top holds: {holds}, replayed {others}")
    return found


def range_bound_deg(entry: dict[str, Any]) -> float:
    if "--acc-only" in entry["options"]:
        return RANGE_ACC_ONLY_DEG
    return RANGE_SWINGS_DEG if SWING in entry["options"] else RANGE_DEG

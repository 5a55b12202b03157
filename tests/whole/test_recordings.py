"""The library of recordings once more, but as it happens: from the sensor on the torso to a dashboard.

The same command and seed that wrote a recording make the same person, motion and sensor; here its packets
go through the air, Bluetooth's stack, bleak, the pipeline, the log, aiomqtt and a broker.
"""

from __future__ import annotations

import argparse
import shlex
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from imurep.evaluate import Found, Trial, compare, find_in, rating, read_truth
from imurep.model import ExerciseSet, Rep, State
from tests.accuracy.sessions import SWING
from tests.accuracy.targets import RANGE_ACC_ONLY_DEG, RANGE_DEG, RANGE_SWINGS_DEG
from tests.broker.mosquitto import Mosquitto
from tests.whole.chain import chain
from tests.whole.dashboard import BRIDGE, Dashboard

if TYPE_CHECKING:
    from imurep.evaluate import Rating, Truth

RECORDINGS = Path(__file__).parents[2] / "recordings"
INDEX: dict[str, Any] = tomllib.loads((RECORDINGS / "index.toml").read_text("utf-8"))
NAMES = [entry["name"] for entry in INDEX["recording"]]

SPEED = 40
SUPERVISION_S = 1.0
"""The air's, so that two seconds out of range break the link."""
SAME_S, SAME_DEG = 0.005, 0.1
"""What the air may change: times of arrival, so how well two clocks are told apart."""


@pytest.mark.parametrize("entry", INDEX["recording"], ids=NAMES)
def test_a_dashboard_gets_what_was_done(entry: dict[str, Any], tmp_path: Path) -> None:
    truth = read_truth(RECORDINGS / f"{entry['name']}.truth.json", RECORDINGS)
    sets, links = heard(options_of(entry, truth), tmp_path)

    assert [one["repetitions"] for one in sets] == [len(one.reps) for one in truth.sets]
    for got, true in zip(sets, truth.sets, strict=True):
        assert true.exercise in got["exercise_group"]
        assert got["quality"] == {
            "accelerometer_only": "--acc-only" in entry["options"],
            "gaps": 0,
            "lost_s": 0.0,
        }
    assert ("lost" in links) == ("--gap " in entry["options"])

    comparison = compare(truth, Found(tuple(map(counted, sets)), first_us=0))
    assert all(all(one.matched) for one in comparison.sets)
    assert comparison.quiet.false_reps == 0
    if truth.sets:
        bound_deg = range_bound_deg(entry)
        replayed = compare(truth, find_in(RECORDINGS / truth.file, Trial(truth.file)))
        assert beyond(rating("told", comparison.sets), rating("replayed", replayed.sets), bound_deg) == []


def heard(workout: list[str], directory: Path) -> tuple[list[dict[str, Any]], list[str]]:
    """The sets that a dashboard has when the service has said goodbye, and how the link was."""
    with Mosquitto(directory) as broker, Dashboard(broker.port) as dashboard:
        with (
            chain(directory / "data", broker.port, *workout, speed=SPEED) as worn,
            worn.serve() as service,
        ):
            worn.sensor.word("done")
            assert service.stop() == 0
        dashboard.until(lambda: dashboard.count(BRIDGE, b"offline"))
        return dashboard.sets(), service.links()


def options_of(entry: dict[str, Any], truth: Truth) -> list[str]:
    """Options of ``serve`` for those of ``record``: packets are not lost, the sensor is out of range."""
    link = argparse.ArgumentParser()
    link.add_argument("--gap", action="append", default=[])
    link.add_argument("--gap-every", default="1e9:0")
    link.add_argument("--jitter")  # the air has its own
    of_link, others = link.parse_known_args(shlex.split(entry["options"]))
    every_s, seconds = map(float, of_link.gap_every.split(":"))
    gaps = [
        *of_link.gap,
        *(f"{every_s * k:g}:{seconds:g}" for k in range(1, int(truth.duration_s / every_s))),
    ]
    away = [option for gap in gaps for option in ("--away", gap)]
    return [*others, "--seed", str(entry["seed"]), "--supervision", str(SUPERVISION_S), *away]


def counted(told: dict[str, Any]) -> ExerciseSet:
    """The set that a message tells of."""
    return ExerciseSet(
        id=told["id"],
        version=told["version"],
        state=State(told["state"]),
        exercise=told["exercise"],
        exercise_group=tuple(told["exercise_group"]),
        reps=tuple(map(_rep, told["reps"])),
        start_us=_us(told["start_s"]),
        end_us=_us(told["end_s"]),
        gyroscope=told["gyroscope"],
        top_assumed=told["top_assumed"],
        gaps=told["gaps"],
    )


def _rep(told: dict[str, Any]) -> Rep:
    times = {"start_us": _us(told["start_s"]), "top_us": _us(told["top_s"]), "end_us": _us(told["end_s"])}
    others = {key: value for key, value in told.items() if key not in {"start_s", "top_s", "end_s", "state"}}
    return Rep(**(others | times | {"state": State(told["state"])}))


def _us(seconds: float) -> int:
    return round(seconds * 1e6)


def beyond(got: Rating, replayed: Rating, range_deg: float) -> list[str]:
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

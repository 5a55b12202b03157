from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import imurep
from imurep.counting.pipeline import Pipeline
from imurep.errors import ConfigError, PacketError
from imurep.events import ExerciseSet, State
from imurep.offline.arrays import analyze
from tests.counting.watching import check, sets_of
from tests.motion import G_MS2, Recorded, Torso

if TYPE_CHECKING:
    from imurep.events import Event

BOTH = pytest.mark.parametrize("gyroscope", [True, False], ids=["gyroscope", "accelerometer only"])
SET = Torso().hold(3).reps(5).hold(5).record(52, noise=0.1)


def counts(events: tuple[Event, ...]) -> list[int]:
    return [found.repetitions for found in sets_of(events)]


def test_the_example_of_the_docstring() -> None:
    events = imurep.analyze(SET.time_us, SET.acc_ms2, SET.gyr_rads)
    (found,) = [e for e in events if isinstance(e, ExerciseSet) and e.state is State.FINAL]
    assert found.repetitions == 5
    assert isinstance(events, tuple)
    check(events)


@BOTH
@pytest.mark.parametrize("options", [{}, {"exercise": "deadlift"}, {"min_reps": 1}, {"min_reps": 9}])
def test_it_is_the_pipeline(*, gyroscope: bool, options: dict[str, Any]) -> None:
    recorded = SET if gyroscope else SET.without_gyroscope()
    pipeline = Pipeline(**options)
    pushed = [
        event for packet in recorded.packets(range(0, len(recorded), 7)) for event in pipeline.push(packet)
    ]
    expected = (*pushed, *pipeline.flush())
    assert analyze(recorded.time_us, recorded.acc_ms2, recorded.gyr_rads, **options) == expected


def test_lists_and_other_kinds_of_numbers_will_do() -> None:
    expected = analyze(SET.time_us, SET.acc_ms2)
    assert analyze(SET.time_us.tolist(), SET.acc_ms2.tolist()) == expected
    assert analyze(SET.time_us.astype(np.uint64), np.asfortranarray(SET.acc_ms2)) == expected
    assert counts(analyze(SET.time_us, SET.acc_ms2.astype(np.float32))) == [5]


def test_the_arrays_stay_as_they_are() -> None:
    kept = [SET.time_us.copy(), SET.acc_ms2.copy(), SET.gyr_rads]
    analyze(SET.time_us, SET.acc_ms2, SET.gyr_rads)
    for before, now in zip(kept, (SET.time_us, SET.acc_ms2, SET.gyr_rads), strict=True):
        np.testing.assert_array_equal(before, now)


# What people feed it


def test_nothing() -> None:
    assert analyze([], []) == ()
    assert analyze(np.empty(0, np.int64), np.empty((0, 3)), np.empty((0, 3))) == ()


def test_one_sample() -> None:
    assert analyze([1], [[0, 0, 9.81]]) == ()
    assert analyze([1], [[0, 0, 9.81]], [[0, 0, 0]]) == ()


@BOTH
@pytest.mark.parametrize("value", [0.0, 1.0, -9.81, 1e-300], ids=["zeros", "ones", "-g", "tiny"])
def test_a_constant(*, gyroscope: bool, value: float) -> None:
    n = 5000
    gyr = np.zeros((n, 3)) if gyroscope else None
    assert analyze(np.arange(n) * 10_000, np.full((n, 3), value), gyr) == ()


@BOTH
def test_nothing_but_nan(*, gyroscope: bool) -> None:
    n = 5000
    nan = np.full((n, 3), math.nan)
    assert analyze(np.arange(n) * 10_000, nan, nan if gyroscope else None) == ()


def test_some_nan_are_missing_samples() -> None:
    acc = SET.acc_ms2.copy()
    acc[::97] = math.nan
    acc[500:503, 1] = math.inf
    assert counts(analyze(SET.time_us, acc, SET.gyr_rads)) == [5]
    check(analyze(SET.time_us, acc, SET.gyr_rads))


def test_a_stretch_of_nan_is_a_gap() -> None:
    assert SET.gyr_rads is not None
    gyr = SET.gyr_rads.copy()
    gyr[700:760] = math.nan
    events = analyze(SET.time_us, SET.acc_ms2, gyr)
    assert [type(event).__name__ for event in events].count("GapEvent") == 1
    check(events)


def test_time_that_goes_back_by_seconds() -> None:
    time_us = SET.time_us.copy()
    time_us[500:] -= 4_000_000
    with pytest.raises(PacketError, match=r"time goes back by 3\.98"):
        analyze(time_us, SET.acc_ms2)


def test_time_that_stands_still() -> None:
    with pytest.raises(PacketError, match="time does not advance"):
        analyze(np.full(len(SET), 5), SET.acc_ms2)


def test_the_wrong_unit_of_time() -> None:
    """Milliseconds for microseconds, and seconds."""
    with pytest.raises(PacketError, match="unit"):
        analyze(SET.time_us // 1000, SET.acc_ms2)
    with pytest.raises(PacketError, match=r"whole microseconds.*1e6"):
        analyze(SET.time_us / 1e6, SET.acc_ms2)


def test_too_slow() -> None:
    n = 600
    with pytest.raises(PacketError, match=r"1 Hz.*at least 10 Hz"):
        analyze(np.arange(n) * 1_000_000, np.tile([0.0, 0.0, 9.81], (n, 1)))


@BOTH
def test_very_fast(*, gyroscope: bool) -> None:
    recorded = Torso().hold(2).reps(4, 50, (0.8, 0.2, 0.8, 0.2)).hold(2).record(8000, noise=0.5)
    events = analyze(recorded.time_us, recorded.acc_ms2, recorded.gyr_rads if gyroscope else None)
    assert counts(events) == [4]
    check(events)


@BOTH
@pytest.mark.parametrize(
    "value",
    [
        1e3,
        1e9,
        1e100,
        1e200,
        1e300,
        1.7e308,
    ],
)
def test_huge_values(*, gyroscope: bool, value: float) -> None:
    """Whatever they mean, there is an answer."""
    acc, gyr = SET.acc_ms2.copy(), np.zeros_like(SET.acc_ms2)
    acc[60:80] = value * np.sign(np.random.default_rng(0).standard_normal((20, 3)))
    gyr[60:80] = -value
    assert isinstance(analyze(SET.time_us, acc, gyr if gyroscope else None), tuple)


@BOTH
def test_noise(*, gyroscope: bool) -> None:
    rng = np.random.default_rng(3)
    n = 20_000
    gyr = rng.standard_normal((n, 3)) if gyroscope else None
    events = analyze(np.arange(n) * 19_231, 10 * rng.standard_normal((n, 3)), gyr)
    assert counts(events) == []
    check(events)


@pytest.mark.parametrize("first_us", [-(2**62), 2**62])
def test_the_ends_of_time(first_us: int) -> None:
    assert counts(analyze(SET.time_us + first_us, SET.acc_ms2, SET.gyr_rads)) == [5]


def test_free_fall() -> None:
    acc = SET.acc_ms2.copy()
    acc[400:450] = 0
    check(analyze(SET.time_us, acc))


@pytest.mark.parametrize(
    ("time_us", "acc_ms2", "gyr_rads", "complaint"),
    [
        ([[1, 2]], [[0, 0, 9.8]], None, r"time_us has shape \(1, 2\)"),
        (5, [[0, 0, 9.8]], None, r"time_us has shape \(\)"),
        ([1, 2], [[0, 0, 9.8]], None, r"acc_ms2 has shape \(1, 3\); with 2 time stamps"),
        ([1, 2], [[0, 9.8], [0, 9.8]], None, r"must be \(2, 3\)"),
        ([1, 2], [[0, 0, 9.8]] * 2, [[0, 0, 0]], "gyr_rads has shape"),
        ([1.0, 2.0], [[0, 0, 9.8]] * 2, None, "whole microseconds"),
        (["a", "b"], [[0, 0, 9.8]] * 2, None, "whole microseconds"),
        ([1, 2], [["x", 0, 9.8]] * 2, None, "cannot be read as numbers"),
        ([1, 2], [[0, 0, 9.8], [0]], None, "cannot be read as numbers"),
        ([1, 2], None, None, "acc_ms2"),
    ],
)
def test_arrays_that_cannot_be_used(time_us: Any, acc_ms2: Any, gyr_rads: Any, complaint: str) -> None:  # noqa: ANN401 wrong on purpose
    with pytest.raises(PacketError, match=complaint):
        analyze(time_us, acc_ms2, gyr_rads)


def test_settings_that_cannot_be() -> None:
    with pytest.raises(ConfigError, match="unknown exercise 'plank'"):
        analyze(SET.time_us, SET.acc_ms2, exercise="plank")
    with pytest.raises(ConfigError, match="min_reps is 0"):
        analyze(SET.time_us, SET.acc_ms2, min_reps=0)


def test_still_gives_nothing() -> None:
    still = Recorded(np.arange(1000) * 10_000, np.tile([0.0, 0.0, G_MS2], (1000, 1)), None)
    assert analyze(still.time_us, still.acc_ms2) == ()


@BOTH
def test_inclinations_hardly_depend_on_what_the_accelerometer_adds(*, gyroscope: bool) -> None:
    torso = Torso().hold(6).walk(9).lean(130, 2.5).hold(2).reps(8, 45.0, (1.5, 1.0, 2.0, 0.6))
    recorded = torso.record(52, noise=0.1)
    gyr_rads = recorded.gyr_rads if gyroscope else None
    tops_deg = []
    for offset_ms2 in ((0.0, 0.0, 0.0), (0.3, 0.0, -0.3)):
        acc_ms2 = recorded.acc_ms2 + np.array(offset_ms2)
        (found,) = sets_of(analyze(recorded.time_us, acc_ms2, gyr_rads, exercise="back_extension_45"))
        tops_deg.append(np.median([rep.top_inclination_deg for rep in found.reps]))
    assert tops_deg[0] == pytest.approx(45, abs=1.0)
    assert tops_deg[1] == pytest.approx(tops_deg[0], abs=1.1)

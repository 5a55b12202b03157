from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import imurep
from imurep.counting.pipeline import Pipeline
from imurep.errors import ConfigError, PacketError, RecordingError
from imurep.events import ExerciseSet, State
from imurep.offline.analysis import Analysis, analyze, analyze_file
from tests.counting.watching import check, sets_of
from tests.motion import G_MS2, Recorded, Torso

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imurep.events import Event

RECORDINGS = Path(__file__).parents[2] / "recordings"

BOTH = pytest.mark.parametrize("gyroscope", [True, False], ids=["gyroscope", "accelerometer only"])
SET = Torso().hold(3).reps(5).hold(5).record(52, noise=0.1)


def counts(events: Iterable[Event]) -> list[int]:
    return [found.repetitions for found in sets_of(events)]


def test_the_example_of_the_docstring() -> None:
    events = imurep.analyze(SET.time_us, SET.acc_ms2, SET.gyr_rads)
    (found,) = [e for e in events if isinstance(e, ExerciseSet) and e.state is State.FINAL]
    assert found.repetitions == 5
    assert events.sets == (found,)
    assert isinstance(events, Sequence)
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
    with pytest.raises(PacketError, match="unit"):
        analyze(SET.time_us / 1.0, SET.acc_ms2)
    with pytest.raises(PacketError, match=r"floats are seconds, give microseconds as int64"):
        analyze(SET.time_us + 1.7e15, SET.acc_ms2)


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
    assert isinstance(analyze(SET.time_us, acc, gyr if gyroscope else None), Analysis)


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
        ([[1, 2]], [[0, 0, 9.8]], None, r"time has shape \(1, 2\)"),
        (5, [[0, 0, 9.8]], None, r"time has shape \(\)"),
        ([1, 2], [[0, 0, 9.8]], None, r"acc_ms2 has shape \(1, 3\); with 2 time stamps"),
        ([1, 2], [[0, 9.8], [0, 9.8]], None, r"must be \(2, 3\)"),
        ([1, 2], [[0, 0, 9.8]] * 2, [[0, 0, 0]], "gyr_rads has shape"),
        (["a", "b"], [[0, 0, 9.8]] * 2, None, "time is <U1; it must be int64 microseconds, float seconds"),
        ([True, False], [[0, 0, 9.8]] * 2, None, "time is bool; it must be"),
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
    assert tops_deg[1] == pytest.approx(tops_deg[0], abs=1.2)


# Time


def test_the_type_of_time_gives_its_unit() -> None:
    expected = analyze(SET.time_us, SET.acc_ms2, SET.gyr_rads)
    for time in (
        SET.time_us / 1e6,
        SET.time_us.astype("timedelta64[us]"),
        SET.time_us.astype("datetime64[us]"),
    ):
        assert analyze(time, SET.acc_ms2, SET.gyr_rads) == expected


def test_instants_count_from_1970() -> None:
    start = np.datetime64("2026-03-01T18:00:00", "ns")
    time = start + SET.time_us.astype("timedelta64[us]")
    analysis = analyze(time, SET.acc_ms2, SET.gyr_rads)
    offset_us = int(start.astype("datetime64[us]").astype(np.int64))
    plain = analyze(SET.time_us + offset_us, SET.acc_ms2, SET.gyr_rads)
    assert analysis == plain
    assert analysis.first_us == offset_us + SET.time_us[0]


def test_a_series_of_pandas_will_do() -> None:
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame(SET.acc_ms2, columns=["x", "y", "z"])
    time = pd.Series(pd.to_datetime(SET.time_us, unit="us"))
    assert analyze(time, frame) == analyze(SET.time_us, SET.acc_ms2)
    with pytest.raises(PacketError, match=r"time is object.*time zone.*tz_convert\(None\)"):
        analyze(time.dt.tz_localize("UTC"), frame)


@pytest.mark.parametrize(
    ("time", "complaint"),
    [
        ([0.0, math.nan, 0.2], "time is nan in row 1; leave out rows that have no time"),
        ([0.0, math.inf, math.nan], "time is inf in row 1 and 1 other rows"),
        (np.array(["2026-01-01", "NaT", "2026-01-02"], "M8[us]"), "time is NaT in row 1"),
        (np.array([0, 1, 2**64 - 1], np.uint64), "is no count of microseconds"),
        ([None, 1, 2], "time is object"),
        ([1j, 2j, 3j], "time is complex128"),
    ],
)
def test_times_that_cannot_be_used(time: Any, complaint: str) -> None:  # noqa: ANN401 wrong on purpose
    with pytest.raises(PacketError, match=complaint):
        analyze(time, [[0, 0, 9.8]] * 3)


# The result


def test_it_is_the_tuple_of_its_events() -> None:
    analysis = analyze(SET.time_us, SET.acc_ms2, SET.gyr_rads)
    events = analysis.events
    assert analysis == events
    assert events == analysis
    assert analysis == analyze(SET.time_us, SET.acc_ms2, SET.gyr_rads)
    assert analysis != events[:-1]
    assert events[:-1] != analysis
    assert analysis != list(events)
    assert hash(analysis) == hash(events)
    assert (*analysis,) == events
    assert (len(analysis), analysis[0], analysis[-1], analysis[2:5]) == (
        len(events), events[0], events[-1], events[2:5],
    )  # fmt: skip
    assert events[3] in analysis
    assert analysis.index(events[3]) == events.index(events[3])
    assert repr(analysis) == f"<Analysis of 'session': 1 sets, 5 reps, {len(events)} events>"


def test_sets_reps_and_phases_are_the_last_versions() -> None:
    analysis = analyze(SET.time_us, SET.acc_ms2, SET.gyr_rads, session="monday")
    (found,) = analysis.sets
    assert found.state is State.FINAL
    assert found.id.startswith("monday-")
    assert analysis.reps == found.reps
    first = [span for span in analysis.phases if span.rep_id == found.reps[0].id]
    assert first[0].start_us == found.reps[0].start_us
    assert sum(span.duration_s for span in first) == pytest.approx(
        (found.reps[1].start_us - found.reps[0].start_us) / 1e6
    )
    assert analysis.warnings == ()


def test_the_angle_goes_down_and_up() -> None:
    analysis = analyze(SET.time_us, SET.acc_ms2, SET.gyr_rads)
    assert analysis.time_s.shape == analysis.angle_deg.shape
    assert abs(analysis.time_s[0]) < 0.1
    for rep in analysis.reps:
        top_deg = np.interp((rep.top_us - analysis.first_us) / 1e6, analysis.time_s, analysis.angle_deg)
        assert abs(top_deg) < 5
    assert analysis.angle_deg.max() == pytest.approx(analysis.reps[0].range_of_motion_deg, abs=5)


def test_warnings_are_those_of_the_command_line() -> None:
    assert SET.gyr_rads is not None
    (force,) = analyze(SET.time_us, SET.acc_ms2 / G_MS2).warnings
    assert force.startswith("the accelerometer reads 1 m/s2")
    assert any(
        "gyroscope" in text for text in analyze(SET.time_us, SET.acc_ms2, np.degrees(SET.gyr_rads)).warnings
    )
    assert analyze([], []).warnings == ("it holds no samples that can be used; record again",)


def test_nothing_has_no_parts() -> None:
    nothing = analyze([], [])
    assert (nothing.sets, nothing.reps, nothing.phases, nothing.first_us) == ((), (), (), 0)
    assert nothing.time_s.shape == nothing.angle_deg.shape == (0,)


def test_exercises_of_last_time_are_preferred() -> None:
    plain = analyze_file(RECORDINGS / "deadlift.jsonl.gz")
    assert {found.exercise for found in plain.sets} == {"deadlift"}
    again = analyze_file(RECORDINGS / "deadlift.jsonl.gz", recent_exercises=["trap_bar_deadlift"])
    assert {found.exercise for found in again.sets} == {"trap_bar_deadlift"}


# Files


def test_a_csv_file_is_its_arrays() -> None:
    path = RECORDINGS / "sample.csv"
    table = np.loadtxt(path, delimiter=",", skiprows=1)
    names = path.read_text(encoding="utf-8").split("\n", 1)[0].split(",")
    assert names[0] == "t_s"
    analysis = analyze_file(path)
    assert [found.repetitions for found in analysis.sets] == [8, 6]
    gyr_rads = table[:, 4:7] * (math.pi / 180)
    assert analysis == analyze(table[:, 0], table[:, 1:4], gyr_rads, session="sample")
    assert repr(analysis).startswith("<Analysis of 'sample.csv': 2 sets, 14 reps")


def test_a_recording_keeps_its_session_unless_another_is_given() -> None:
    path = RECORDINGS / "good-morning.jsonl.gz"
    analysis = analyze_file(str(path))
    assert analysis.sets[0].id.startswith(analysis.session)
    other = analyze_file(path, session="mine")
    assert other.session == "mine"
    assert other.sets[0].id.startswith("mine-")
    assert len(other) == len(analysis)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="nowhere"):
        analyze_file(tmp_path / "nowhere.csv")


@pytest.mark.parametrize("suffix", ["html", "png"])
def test_a_report_is_written(tmp_path: Path, suffix: str) -> None:
    analysis = analyze(SET.time_us, SET.acc_ms2, SET.gyr_rads, session="monday")
    out = tmp_path / f"out.{suffix}"
    analysis.report(out)
    content = out.read_bytes()
    assert content[:4] == (b"\x89PNG" if suffix == "png" else b"<!do")
    if suffix == "html":
        assert b"<title>monday</title>" in content
    with pytest.raises(ConfigError, match=r"a report is \.html or \.png"):
        analysis.report(tmp_path / "out.pdf")


# Tables


def test_reps_as_a_table() -> None:
    analysis = analyze(SET.time_us, SET.acc_ms2, SET.gyr_rads)
    frame = analysis.to_dataframe()
    assert frame["id"].tolist() == [rep.id for rep in analysis.reps]
    assert frame["start_s"].tolist() == [
        round((rep.start_us - analysis.first_us) / 1e6, 3) for rep in analysis.reps
    ]
    assert frame["range_of_motion_deg"].dtype == np.float64
    assert frame["momentum"].notna().all()
    assert frame["over_line_deg"].isna().all()
    assert frame["over_line_deg"].dtype == np.float64


def test_sets_and_phases_as_tables() -> None:
    analysis = analyze(SET.time_us, SET.acc_ms2, SET.gyr_rads)
    sets = analysis.to_dataframe("sets")
    assert sets["repetitions"].tolist() == [5]
    assert {"exercise", "start_s", "lowering_ratio", "exercise_group"} <= set(sets.columns)
    assert not {"reps", "form", "person"} & set(sets.columns)
    phases = analysis.to_dataframe("phases")
    assert list(phases.columns) == ["rep_id", "phase", "start_s", "end_s", "duration_s"]
    assert len(phases) == len(analysis.phases)
    reps = analysis.to_dataframe("reps").set_index("id")
    lifts = phases[phases["phase"] == "concentric"].set_index("rep_id")
    assert lifts["duration_s"].tolist() == reps.loc[lifts.index, "concentric_s"].tolist()


@pytest.mark.parametrize("table", ["reps", "sets", "phases"])
def test_an_empty_table_has_the_same_columns(table: Any) -> None:  # noqa: ANN401 a Literal
    full = analyze(SET.time_us, SET.acc_ms2, SET.gyr_rads).to_dataframe(table)
    empty = analyze([], []).to_dataframe(table)
    assert len(empty) == 0
    assert empty.dtypes.equals(full.dtypes)


def test_another_table_and_no_pandas(monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = analyze([], [])
    with pytest.raises(ConfigError, match="no table 'rep'; give one of reps, sets, phases"):
        nothing.to_dataframe("rep")  # type: ignore[arg-type]
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ConfigError, match=r"pip install 'imurep\[pandas\]'"):
        nothing.to_dataframe()

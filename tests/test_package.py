"""The front door of the library."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from inspect import get_annotations
from pathlib import Path

import pytest

import imurep

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("name", imurep.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(imurep, name) is not None


def test_any_other_name_is_not() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'squat'"):
        imurep.squat  # type: ignore[attr-defined]  # noqa: B018 looking is the point


def test_all_is_sorted_and_complete() -> None:
    assert sorted(set(imurep.__all__), key=str) == sorted(imurep.__all__)
    assert {"analyze", "Pipeline", "open_recording"} <= set(imurep.__all__)


def test_it_has_everything_that_a_pipeline_takes_and_gives() -> None:
    hints = [
        *get_annotations(imurep.Pipeline.__init__).values(),
        *get_annotations(imurep.Pipeline.push).values(),
    ]
    names = {name for hint in hints for name in re.findall(r"\b[A-Z]\w+", str(hint))}
    names -= {"None", "Collection", "Observer"}  # an observer is a callable that takes a Motion
    assert names
    assert names | {"Motion", "decoder_for"} <= set(imurep.__all__)


def test_dir_has_all_names() -> None:
    assert set(imurep.__all__) <= set(dir(imurep))
    assert "__version__" in dir(imurep)


def test_importing_it_loads_nothing_heavy() -> None:
    """A command's --help need not wait for numpy."""
    heavy = ("numpy", "scipy", "vqf", "rich", "pandas", "matplotlib")
    code = f"import sys, imurep; dir(imurep); print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


def test_one_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert imurep.__version__ == project["version"]


PROGRAM = """
from pathlib import Path

import numpy as np

import imurep


def peaks(analysis: imurep.Analysis) -> list[float]:
    return [rep.peak_rate_dps for rep in analysis.reps if rep.state is imurep.State.FINAL]


def stream(path: Path) -> imurep.Event | None:
    recording = imurep.open_recording(path)
    decoder: imurep.Decoder = imurep.decoder_for(recording.header.protocol)
    pipeline = imurep.Pipeline(decoder=decoder, exercise=next(iter(imurep.EXERCISES)))
    events: list[imurep.Event] = []
    for item in recording:
        events += pipeline.push(item)
    events += pipeline.push(imurep.Notification(arrival_us=1, channel="data", payload=b""))
    return (events + pipeline.flush())[-1]


analysis = imurep.analyze(np.arange(5) / 50, np.zeros((5, 3)), exercise=None, session="mine")
reveal_type(analysis)
reveal_type(analysis[0])
reveal_type(analysis.sets)
reveal_type(analysis.angle_deg)
reveal_type(imurep.analyze_file("workout.csv").phases)
analysis.report(1)
imurep.squat
"""


def test_strict_users_of_mypy_see_types(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM, encoding="utf-8")
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "mypy",
            "--strict",
            "--cache-dir",
            str(ROOT / ".mypy_cache" / "users"),
            "program.py",
        ],
        cwd=tmp_path,
        check=False,
        capture_output=True,
        text=True,
    )
    revealed = [line.split('"')[1] for line in done.stdout.splitlines() if "Revealed type" in line]
    assert revealed == [
        "imurep.offline.analysis.Analysis",
        "imurep.events.PhaseChange | imurep.events.Rep | imurep.events.ExerciseSet | imurep.events.GapEvent",
        "tuple[imurep.events.ExerciseSet, ...]",
        "numpy.ndarray[tuple[Any, ...], numpy.dtype[numpy.float64]]",
        "tuple[imurep.formatting.tempo.PhaseSpan, ...]",
    ], done.stdout + done.stderr
    errors = [line for line in done.stdout.splitlines() if ": error:" in line]
    assert [line.rpartition("[")[2] for line in errors] == ["arg-type]", "attr-defined]"], done.stdout

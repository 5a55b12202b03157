"""The front door of the library."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from email import message_from_bytes
from inspect import get_annotations
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import imurep

if TYPE_CHECKING:
    from email.message import Message

ROOT = Path(__file__).parents[1]
HEAVY = ("aiohttp", "cryptography", "numpy", "scipy", "segno", "vqf")


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


@pytest.mark.parametrize(
    ("first", "heavy"),
    [
        ("import imurep; dir(imurep)", (*HEAVY, "rich", "pandas", "matplotlib")),
        ("import imurep.cli; imurep.cli.main(['--help'])", HEAVY),
    ],
)
def test_neither_an_import_nor_help_loads_anything_heavy(first: str, heavy: tuple[str, ...]) -> None:
    code = f"try:\n  {first}\nfinally:\n  import sys; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.fixture(scope="module")
def wheel_metadata(tmp_path_factory: pytest.TempPathFactory) -> Message:
    directory = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(directory)]
    subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
    (wheel,) = directory.glob("*.whl")
    with zipfile.ZipFile(wheel) as files:
        (name,) = (name for name in files.namelist() if name.endswith(".dist-info/METADATA"))
        return message_from_bytes(files.read(name))


def test_the_base_install_has_what_the_page_for_the_phone_needs(wheel_metadata: Message) -> None:
    required = wheel_metadata.get_all("Requires-Dist", [])
    base = {re.split(r"[^\w-]", one)[0] for one in required if "extra ==" not in one}
    assert {"aiohttp", "cryptography", "segno"} <= base
    assert base & {"amqtt", "bumble", "matplotlib", "pandas"} == set()


def test_the_extra_web_is_still_there_and_empty(wheel_metadata: Message) -> None:
    assert {"all", "demo", "report", "sim", "web"} <= set(wheel_metadata.get_all("Provides-Extra", []))
    assert not [one for one in wheel_metadata.get_all("Requires-Dist", []) if "extra == 'web'" in one]


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
        "tuple[imurep.tempo.PhaseSpan, ...]",
    ], done.stdout + done.stderr
    errors = [line for line in done.stdout.splitlines() if ": error:" in line]
    assert [line.rpartition("[")[2] for line in errors] == ["arg-type]", "attr-defined]"], done.stdout

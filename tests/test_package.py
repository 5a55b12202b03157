"""The front door of the library."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import imurep

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("name", imurep.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(imurep, name) is not None


def test_any_other_name_is_not() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'squat'"):
        imurep.squat  # noqa: B018 looking is the point


def test_all_is_sorted_and_complete() -> None:
    assert sorted(set(imurep.__all__), key=str) == sorted(imurep.__all__)
    assert {"analyze", "Pipeline", "open_recording"} <= set(imurep.__all__)


def test_importing_it_loads_nothing_heavy() -> None:
    """A command's --help need not wait for numpy."""
    code = "import sys, imurep; print([m for m in ('numpy', 'scipy', 'vqf', 'rich') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


def test_one_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert imurep.__version__ == project["version"]

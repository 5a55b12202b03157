"""The front door of the library."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from email import message_from_bytes
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import imurep

if TYPE_CHECKING:
    from email.message import Message

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
    heavy = ("aiohttp", "cryptography", "numpy", "rich", "scipy", "segno", "vqf")
    code = f"import sys, imurep; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


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

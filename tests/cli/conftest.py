"""A recording whose events are known beforehand: a real file through a scripted pipeline."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.scripted import ScriptedPipeline, write_csv

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> type[ScriptedPipeline]:
    monkeypatch.setattr("imurep.offline.replay.Pipeline", ScriptedPipeline)
    return ScriptedPipeline


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    return write_csv(tmp_path / "workout.csv")


@pytest.fixture(autouse=True)
def _own_places(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither settings nor data of the person who runs the tests are used."""
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "user data"))

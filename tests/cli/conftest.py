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
def _own_store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What the person who runs the tests has calibrated is not looked at."""

    def nowhere(*_: object, **__: object) -> Path:
        return tmp_path / "user data"

    monkeypatch.setattr("imurep.log.user_data.data_path", nowhere)

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from imurep.errors import ConfigError
from imurep.events import Notification
from imurep.recording import Header, open_recording
from imurep.service.raw_archive import RawArchive

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 3, 1, 18, 0, tzinfo=UTC)
HEADER = Header(session="one", sensor="Back/Strap 7", protocol="open_imu", utc=NOW)


def test_a_session_is_unfinished_until_it_is_finished(tmp_path: Path) -> None:
    archive = RawArchive(tmp_path / "new" / "place", keep_days=7)
    with archive.begin(HEADER, NOW) as writer:
        writer.write(Notification(5, "data", b"\x01"))
    assert archive.unfinished() == [writer.path]
    path = archive.finish(writer.path)
    assert archive.unfinished() == []
    assert path.name == "2026-03-01T18-00-00Z_back-strap-7_one.jsonl"
    assert [*open_recording(path)] == [Notification(5, "data", b"\x01")]


def test_only_finished_sessions_grow_too_old(tmp_path: Path) -> None:
    archive = RawArchive(tmp_path, keep_days=7)
    with archive.begin(HEADER, NOW) as writer:
        old = writer.path
    for name, days in (("a.jsonl", 8), ("b.jsonl", 6), (old.name, 30), ("other.txt", 30)):
        (tmp_path / name).touch()
        then = (NOW - timedelta(days=days)).timestamp()
        os.utime(tmp_path / name, (then, then))
    assert [path.name for path in archive.sweep(NOW)] == ["a.jsonl"]
    assert {path.name for path in tmp_path.iterdir()} >= {"b.jsonl", old.name, "other.txt"}


def test_one_service_a_directory(tmp_path: Path) -> None:
    archive = RawArchive(tmp_path, keep_days=7)
    with pytest.raises(ConfigError, match="another imurep is running there"):
        RawArchive(tmp_path, keep_days=7)
    archive.close()
    RawArchive(tmp_path, keep_days=7).close()


def test_a_directory_that_cannot_be_is_a_setting_to_mend(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match=r"set data\.directory"):
        RawArchive(tmp_path / "file" / "below", keep_days=7)

"""The raw notifications of the service's sessions, on disk before anything is made of them.

The file of an open session has an ending of its own, by which the next service
recognises what a killed one left.
"""

from __future__ import annotations

import re
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from imurep.errors import ConfigError, RecordingError
from imurep.recording import RecordingWriter

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from imurep.recording import Header

_UNFINISHED = ".unfinished.jsonl"
_FINISHED = ".jsonl"
_LOCK = "in-use.lock"


class RawArchive:
    """A directory of raw sessions, used by one service at a time."""

    def __init__(self, directory: Path, *, keep_days: float) -> None:
        """Lock the directory, making it where it is missing.

        Raises ConfigError when another service uses it, or when nothing can be written there.
        """
        self._directory = directory
        self._keep = timedelta(days=keep_days)
        try:
            directory.mkdir(parents=True, exist_ok=True)
            self._lock = FileLock(directory / _LOCK, blocking=False)
            self._lock.acquire()
        except Timeout as error:
            msg = f"{directory}: another imurep is running there; stop it, or set data.directory"
            raise ConfigError(msg) from error
        except OSError as error:
            msg = f"{directory}: {error.strerror}; set data.directory to a place that can be written"
            raise ConfigError(msg) from error

    def begin(self, header: Header, utc: datetime) -> RecordingWriter:
        """Start the file of a new session. Raises RecordingError when the disk does not take it."""
        sensor = re.sub(r"[^a-z0-9]+", "-", header.sensor.lower()).strip("-")
        name = f"{utc.astimezone(UTC):%Y-%m-%dT%H-%M-%SZ}_{sensor}_{header.session}{_UNFINISHED}"
        return RecordingWriter(self._directory / name, header)

    def unfinished(self) -> list[Path]:
        """Files of sessions that a killed service left behind, oldest first."""
        return sorted(self._directory.glob(f"*{_UNFINISHED}"))

    def finish(self, path: Path) -> Path:
        """Mark a session as over; gives its file's new path. Raises RecordingError when that fails."""
        finished = path.with_name(path.name.removesuffix(_UNFINISHED) + _FINISHED)
        try:
            return path.rename(finished)
        except OSError as error:
            msg = f"{path}: cannot be renamed: {error.strerror}; check its directory"
            raise RecordingError(msg) from error

    def sweep(self, now: datetime) -> list[Path]:
        """Delete finished sessions that are older than they are kept; gives what was deleted."""
        oldest = (now - self._keep).timestamp()
        old = [
            path
            for path in self._directory.glob(f"*{_FINISHED}")
            if not path.name.endswith(_UNFINISHED) and path.stat().st_mtime < oldest
        ]
        for path in old:
            path.unlink(missing_ok=True)
        return old

    def close(self) -> None:
        """Unlock the directory."""
        self._lock.release()

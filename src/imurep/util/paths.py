"""Where files go on this platform, and how a small one is written."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from platformdirs import PlatformDirs

_DIRS = PlatformDirs("imurep", appauthor=False)


def settings_path() -> Path:
    """Directory of the user's settings."""
    return _DIRS.user_config_path


def data_path() -> Path:
    """Directory of what is kept for the user for good."""
    return _DIRS.user_data_path


def state_path() -> Path:
    """Directory of what a program keeps for its next run, and can do without."""
    return _DIRS.user_state_path


def write_whole(path: Path, text: str) -> None:
    """Write a new file that then takes the old one's place: who reads finds one or the other, never half.

    Raises OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise

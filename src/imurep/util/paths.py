"""Directories for the user's files on this platform, and writing a small file whole."""

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
    """Directory of the user's data; imurep 0.1 kept ``store.json`` there."""
    return _DIRS.user_data_path


def state_path() -> Path:
    """Directory of data that a program keeps between runs: the default of ``data.directory``."""
    return _DIRS.user_state_path


def write_whole(path: Path, text: str) -> None:
    """Write a new file that then replaces the old one, so a reader never finds half of it.

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

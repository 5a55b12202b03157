"""Where files go on this platform."""

from __future__ import annotations

from typing import TYPE_CHECKING

from platformdirs import PlatformDirs

if TYPE_CHECKING:
    from pathlib import Path

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

"""Which imurep this is."""

from __future__ import annotations

import importlib.metadata


def installed_version() -> str:
    """Version of the installed package; words where it runs without having been installed."""
    try:
        return importlib.metadata.version("imurep")
    except importlib.metadata.PackageNotFoundError:
        return "(not installed)"

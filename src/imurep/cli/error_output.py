"""Errors and warnings, one line each, on standard error."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imurep.errors import ImurepError


def complain(error: ImurepError) -> int:
    """Print an error; return its exit code."""
    print(f"imurep: {error}", file=sys.stderr)
    return error.exit_code


def warn(path: object, warnings: Iterable[str]) -> None:
    """Print what may be wrong with a recording that was counted all the same."""
    sys.stdout.flush()  # so that it stands below the table that it is about
    for warning in warnings:
        print(f"imurep: {path}: {warning}", file=sys.stderr)

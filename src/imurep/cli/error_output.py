"""Errors, warnings and notes: one line each on standard error."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imurep.errors import ImurepError


def print_error(error: ImurepError) -> int:
    """Print what went wrong; gives the exit code for it."""
    print(f"imurep: {error}", file=sys.stderr)
    return error.exit_code


def print_warnings(path: object, warnings: Iterable[str]) -> None:
    """Print what is odd about a recording that was counted all the same."""
    sys.stdout.flush()  # so that it stands below the table that it is about
    for warning in warnings:
        print(f"imurep: {path}: {warning}", file=sys.stderr)


def print_note(text: str) -> None:
    """Print a line for people on standard error, beside what the command prints."""
    print(text, file=sys.stderr, flush=True)

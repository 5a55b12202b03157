"""Options that several commands share."""

from __future__ import annotations

import argparse

from imurep.exercises import EXERCISES


def add_counting(parser: argparse.ArgumentParser) -> None:
    """Add ``--min-reps`` and ``--exercise``."""
    parser.add_argument(
        "--min-reps",
        type=positive_int,
        default=3,
        metavar="N",
        help="report sets of at least N reps (default: %(default)s); 1 also finds single bends, "
        "and more false sets in daily life",
    )
    parser.add_argument(
        "--exercise",
        metavar="NAME",
        help="the exercise that was done, which makes the counter more sensitive; one of "
        + ", ".join(EXERCISES)
        + " (default: recognised)",
    )
    parser.add_argument(
        "--last-time",
        action="append",
        default=[],
        choices=[name for name, exercise in EXERCISES.items() if len(exercise.group) > 1],
        metavar="NAME",
        help="the exercise that was done last time, of those that one sensor cannot distinguish, such as "
        "trap_bar_deadlift rather than deadlift; repeatable (default: as recorded, else the more common one)",
    )


def positive_int(text: str) -> int:
    """Parse a whole number of at least 1."""
    value = int(text)
    if value < 1:
        msg = f"{text} is less than 1"
        raise argparse.ArgumentTypeError(msg)
    return value


positive_int.__name__ = "whole number"  # what argparse calls it in its message


def positive_float(text: str) -> float:
    """Parse a number above 0."""
    value = float(text)
    if not 0 < value < float("inf"):
        msg = f"{text} is not a number above 0"
        raise argparse.ArgumentTypeError(msg)
    return value


positive_float.__name__ = "number"


def port_number(text: str) -> int:
    """Parse a TCP port; 0 is any that is free."""
    value = int(text)
    if not 0 <= value <= 65535:
        msg = f"{text} is not from 0 to 65535"
        raise argparse.ArgumentTypeError(msg)
    return value


port_number.__name__ = "port"

"""Reads the payload of a command: a plain value, or an object with ``value``, ``transaction`` and more.

A value that is not allowed raises ``NotAllowedError``, which names those that are.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from imurep.errors import ConfigError
from imurep.exercises import EXERCISES, UNKNOWN, exercise_named

if TYPE_CHECKING:
    from imurep.exercises import Exercise

MOST_REPS = 1000
MOST_KG = 1000
MOST_S = 60.0
"""Longest phase of a tempo."""

_NOTHING = (None, "", "none", "None")


class NotAllowedError(ValueError):
    """The value of a command is not allowed; the message names those that are."""


@dataclass(frozen=True, slots=True)
class ParsedCommand:
    """What a command holds."""

    value: object
    transaction: str | int | None = None
    """Repeated in the response, so that the sender can match the two."""
    set_id: object = None
    """The set that is meant; None: the last one."""
    exercise: object = None
    """The exercise that a set was; None: nothing of it."""


def parse(payload: bytes) -> ParsedCommand:
    """Parse a payload."""
    try:
        text = payload.decode()
    except UnicodeDecodeError as error:
        msg = 'this is not UTF-8; send a plain value, or {"value": ..., "transaction": ...}'
        raise NotAllowedError(msg) from error
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return ParsedCommand(text.strip())
    if not isinstance(value, dict):
        return ParsedCommand(value)
    transaction = value.get("transaction")
    is_name = isinstance(transaction, str) or type(transaction) is int
    return ParsedCommand(
        value.get("value"),
        transaction if is_name else None,
        set_id=value.get("set"),
        exercise=value.get("exercise"),
    )


def exercise(value: object) -> str:
    """Read the name of an exercise."""
    try:
        exercise_named(value if isinstance(value, str) else "")
    except ConfigError as error:
        raise NotAllowedError(_message(value, f"one of {', '.join((*EXERCISES, UNKNOWN))}")) from error
    return str(value)


def bench(value: object) -> Exercise:
    """Read the name of an exercise with a straight line to hold."""
    found = EXERCISES.get(value) if isinstance(value, str) else None
    if found is None or not found.form.straight_line:
        benches = [name for name, one in EXERCISES.items() if one.form.straight_line]
        raise NotAllowedError(_message(value, f"one of {', '.join(benches)}"))
    return found


def target_reps(value: object) -> int | None:
    """Read a number of reps; 0 and nothing are no target."""
    if value in _NOTHING:
        return None
    number = _number(value)
    if number is None or number != int(number) or not 0 <= number <= MOST_REPS:
        raise NotAllowedError(_message(value, f"a whole number from 0 (no target) to {MOST_REPS}"))
    return int(number) or None


def repetitions(value: object) -> int:
    """Read the number of reps of a set."""
    number = _number(value)
    if number is None or number != int(number) or not 1 <= number <= MOST_REPS:
        raise NotAllowedError(_message(value, f"a whole number from 1 to {MOST_REPS}"))
    return int(number)


def set_id(value: object) -> str:
    """Read the id of a set."""
    if not isinstance(value, str):
        raise NotAllowedError(_message(value, "the id of a set"))
    return value


def load_kg(value: object) -> float | None:
    """Read a load; nothing is an unknown load."""
    if value in _NOTHING:
        return None
    number = _number(value)
    if number is None or not 0 <= number <= MOST_KG:
        raise NotAllowedError(_message(value, f"kilograms from 0 to {MOST_KG}"))
    return float(number)


def tempo_s(value: object) -> tuple[float, float, float, float] | None:
    """Read a tempo, as text or as a list; nothing is no target."""
    if value in _NOTHING or value == []:
        return None
    parts = value.split("-") if isinstance(value, str) else value
    seconds = [_number(part) for part in parts] if isinstance(parts, list) and len(parts) == 4 else []
    known = [one for one in seconds if one is not None and 0 <= one <= MOST_S]
    if len(known) != 4:
        order = "eccentric - bottom hold - concentric - top hold"
        raise NotAllowedError(_message(value, f"{order} in seconds, such as 3-1-2-1 or [3, 1, 2, 1]"))
    eccentric_s, bottom_hold_s, concentric_s, top_hold_s = known
    return eccentric_s, bottom_hold_s, concentric_s, top_hold_s


def instant(value: object) -> datetime:
    """Read a time of day with its time zone."""
    try:
        utc = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        utc = None
    if utc is None or utc.tzinfo is None:
        raise NotAllowedError(_message(value, "a time with its time zone, such as 2026-01-31T00:00:00Z"))
    return utc.astimezone(UTC)


def _number(value: object) -> float | None:
    try:
        number = float(value) if isinstance(value, (int, float, str)) else math.nan
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and not isinstance(value, bool) else None


def _message(value: object, allowed: str) -> str:
    shown = json.dumps(value, ensure_ascii=False)
    return f"{shown if len(shown) <= 60 else shown[:60] + '...'} is not allowed; send {allowed}"

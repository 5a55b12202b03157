from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imurep.mqtt import command_parsing
from imurep.mqtt.command_parsing import NotAllowedError, ParsedCommand, parse

if TYPE_CHECKING:
    from collections.abc import Callable

READERS = (
    command_parsing.exercise,
    command_parsing.target_reps,
    command_parsing.repetitions,
    command_parsing.set_id,
    command_parsing.load_kg,
    command_parsing.tempo_s,
    command_parsing.instant,
    command_parsing.bench,
)


@pytest.mark.parametrize(
    ("payload", "meant"),
    [
        (b"11", ParsedCommand(11)),
        (b"22.5", ParsedCommand(22.5)),
        (b"deadlift", ParsedCommand("deadlift")),
        (b' "deadlift" ', ParsedCommand("deadlift")),
        (b"3-1-2-1", ParsedCommand("3-1-2-1")),
        (b"[3, 1, 2, 1]", ParsedCommand([3, 1, 2, 1])),
        (b"PRESS", ParsedCommand("PRESS")),
        (b"", ParsedCommand("")),
        (b"null", ParsedCommand(None)),
        (b'{"value": 11, "transaction": "t-1"}', ParsedCommand(11, "t-1")),
        (b'{"value": 11, "transaction": 7}', ParsedCommand(11, 7)),
        (b'{"value": 11, "transaction": [7]}', ParsedCommand(11)),
        (b'{"value": 11, "transaction": true}', ParsedCommand(11)),
        (b"{}", ParsedCommand(None)),
        (
            b'{"set": "s-1", "exercise": "deadlift", "value": 8}',
            ParsedCommand(8, set_id="s-1", exercise="deadlift"),
        ),
        (b"[" * 100_000, ParsedCommand("[" * 100_000)),
    ],
)
def test_a_plain_value_or_an_object(payload: bytes, meant: ParsedCommand) -> None:
    assert parse(payload) == meant


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(NotAllowedError, match="UTF-8"):
        parse(b"\xff\xfe")


@pytest.mark.parametrize(
    ("reader", "value", "meant"),
    [
        (command_parsing.exercise, "deadlift", "deadlift"),
        (command_parsing.exercise, "unknown", "unknown"),
        (command_parsing.target_reps, 12, 12),
        (command_parsing.target_reps, "12.0", 12),
        (command_parsing.target_reps, 0, None),
        (command_parsing.target_reps, None, None),
        (command_parsing.target_reps, "", None),
        (command_parsing.repetitions, "11", 11),
        (command_parsing.load_kg, 22.5, 22.5),
        (command_parsing.load_kg, 0, 0.0),
        (command_parsing.load_kg, "none", None),
        (command_parsing.tempo_s, "3-1-2-1", (3, 1, 2, 1)),
        (command_parsing.tempo_s, "3.5 - 0 - 2 - 1.25", (3.5, 0, 2, 1.25)),
        (command_parsing.tempo_s, [3, "1", 2, 1], (3, 1, 2, 1)),
        (command_parsing.tempo_s, "", None),
        (command_parsing.tempo_s, [], None),
        (command_parsing.instant, "2026-01-31T01:00:00+01:00", datetime(2026, 1, 31, tzinfo=UTC)),
        (command_parsing.instant, "2026-01-31T00:00:00Z", datetime(2026, 1, 31, tzinfo=UTC)),
    ],
)
def test_what_is_allowed(reader: Callable[[object], object], value: object, meant: object) -> None:
    assert reader(value) == meant


@pytest.mark.parametrize(
    ("reader", "value", "allowed"),
    [
        (command_parsing.exercise, "squat", "one of back_extension_45, .*, unknown"),
        (command_parsing.exercise, 3, "one of"),
        (command_parsing.target_reps, 2.5, "whole number"),
        (command_parsing.target_reps, -1, "from 0"),
        (command_parsing.target_reps, True, "whole number"),
        (command_parsing.target_reps, 10**400, "whole number"),
        (command_parsing.repetitions, 0, "from 1 to 1000"),
        (command_parsing.repetitions, None, "from 1"),
        (command_parsing.load_kg, -0.5, "kilograms"),
        (command_parsing.load_kg, "NaN", "kilograms"),
        (command_parsing.load_kg, [5], "kilograms"),
        (command_parsing.tempo_s, "3-1-2", "3-1-2-1"),
        (command_parsing.tempo_s, "3-1-2--1", "3-1-2-1"),
        (command_parsing.tempo_s, [3, 1, 2, 61], "seconds"),
        (command_parsing.tempo_s, {"eccentric_s": 3}, "seconds"),
        (command_parsing.instant, "yesterday", "time zone"),
        (command_parsing.instant, "2026-01-31T00:00:00", "time zone"),
        (command_parsing.instant, 5, "time zone"),
        (command_parsing.bench, "deadlift", "one of back_extension_45, back_extension_90"),
        (command_parsing.bench, "unknown", "one of"),
    ],
)
def test_what_is_not_allowed_is_answered_with_what_is(
    reader: Callable[[object], object], value: object, allowed: str
) -> None:
    with pytest.raises(NotAllowedError, match=f"is not allowed; send .*{allowed}"):
        reader(value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@given(st.binary() | JSON.map(lambda value: json.dumps(value).encode()))
def test_whatever_comes_is_read_or_refused(payload: bytes) -> None:
    try:
        question = parse(payload)
    except NotAllowedError:
        return
    for reader in READERS:
        with suppress(NotAllowedError):
            reader(question.value)

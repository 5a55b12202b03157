from __future__ import annotations

import pytest

from imurep.formatting.labels import clock_text, nothing_text, tempo_text


def test_how_a_tempo_is_written() -> None:
    assert tempo_text((3.06, 1.0, 2.04, None)) == "3.1-1.0-2.0-–"  # noqa: RUF001 as printed


@pytest.mark.parametrize(
    ("seconds", "tenths", "text"),
    [
        (0, False, "0:00"),
        (59.6, False, "1:00"),
        (83.25, False, "1:23"),
        (3725, False, "62:05"),
        (83.25, True, "1:23.2"),
        (59.96, True, "1:00.0"),
        (-3, False, "-0:03"),
    ],
)
def test_how_a_time_is_written(seconds: float, tenths: bool, text: str) -> None:  # noqa: FBT001 a column of the table
    assert clock_text(round(seconds * 1e6), tenths=tenths) == text


def test_what_to_try_is_what_was_not_tried() -> None:
    assert nothing_text(3, None).endswith("try --min-reps 1, or --exercise NAME if you know what was done")
    assert nothing_text(3, "deadlift").endswith("try --min-reps 1")
    assert nothing_text(1, "deadlift") == "no rep found"

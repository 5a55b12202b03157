from __future__ import annotations

import dataclasses
import io
import sys
from itertools import count

import pytest

from imurep.cli.tables import ProgressBar, event_line
from imurep.events import State
from tests.scripted import FIRST_US, make_rep, make_set


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "quiet", "step_s", "drawn"),
    [
        (Terminal, False, 1.0, True),
        (Terminal, False, 0.01, False),  # done before anybody wonders
        (Terminal, True, 1.0, False),
        (io.StringIO, False, 1.0, False),
    ],
)
def test_a_bar_is_for_long_work_in_a_terminal(
    stream: type[io.StringIO],
    quiet: bool,  # noqa: FBT001 a column of the table
    step_s: float,
    drawn: bool,  # noqa: FBT001
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", stream())
    seconds = count()
    with ProgressBar(quiet=quiet, clock=lambda: next(seconds) * step_s) as bar:
        for step in range(4):
            bar.show(step / 4, "workout.csv")
    assert isinstance(sys.stderr, io.StringIO)
    assert ("workout.csv" in sys.stderr.getvalue()) is drawn


def test_events_in_words() -> None:
    rep = make_rep(partial=True)
    assert event_line(rep, FIRST_US).split()[:4] == ["0:07.0", "rep", "workout/1/1", "final"]
    assert event_line(rep, FIRST_US).endswith("60° partial")
    assert event_line(dataclasses.replace(rep, state=State.WITHDRAWN), FIRST_US).endswith("withdrawn")
    assert event_line(make_set(3), FIRST_US).endswith("set workout/1 final  3 reps")

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from imurep.cli.live_view import LineView, LogView, TerminalView, log_to_stderr
from imurep.events import Link, SensorStatus, SessionEvent
from imurep.offline.replay import Replay

if TYPE_CHECKING:
    from collections.abc import Iterator

RECORDING = Path(__file__).parents[2] / "recordings" / "good-morning.jsonl.gz"


@pytest.fixture(scope="module")
def session_events() -> list[SessionEvent]:
    utc = datetime(2026, 3, 1, 18, 0, tzinfo=UTC)
    return [
        SessionEvent(session="one", sensor="back", person="Ann", zero_utc=utc, first_us=0, event=event)
        for event in Replay(RECORDING).events()
    ]


def test_a_terminal_shows_the_count_while_it_grows_and_the_set_at_its_end(
    session_events: list[SessionEvent],
) -> None:
    terminal = Console(file=io.StringIO(), force_terminal=True, width=100, color_system=None)
    with TerminalView(terminal) as view:
        view.status(SensorStatus(sensor="back", link=Link.STREAMING, battery_percent=9, rssi_dbm=-50))
        for one in session_events:
            view.event(one)
        view.status(SensorStatus(sensor="back", link=Link.LOST, detail="out of reach; come closer"))
    assert isinstance(terminal.file, io.StringIO)
    shown = terminal.file.getvalue()
    for text in (
        ": 8 reps, tempo",
        "back  streaming  battery 9 %  -50 dBm",
        "8 reps",
        "top held",
        "eccentric",
        "out of reach",
    ):
        assert text in shown


def test_a_pipe_gets_each_rep_and_set_once(
    session_events: list[SessionEvent], capsys: pytest.CaptureFixture[str]
) -> None:
    view = LineView()
    for link in (Link.SEARCHING, Link.STREAMING, Link.STREAMING):
        view.status(SensorStatus(sensor="back", link=link))
    for one in session_events:
        view.event(one)
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["back: searching", "back: streaming"]
    assert "8 reps" in lines[-1]
    withdrawn = [line for line in lines if line.endswith("withdrawn")]
    assert len(lines) - 3 - len(withdrawn) == 8 + len(withdrawn), (
        "a rep that was shown by mistake is withdrawn"
    )
    assert all("top held" in line for line in lines[2:9])


@pytest.fixture
def _structured() -> Iterator[None]:
    import structlog  # noqa: PLC0415 only here

    yield
    structlog.reset_defaults()


@pytest.mark.usefixtures("_structured")
def test_a_log_has_sets_and_changes_of_the_link(
    session_events: list[SessionEvent], capsys: pytest.CaptureFixture[str]
) -> None:
    log_to_stderr()
    view = LogView()
    for detail in ("", "", "out of reach"):
        view.status(
            SensorStatus(sensor="back strap", link=Link.LOST if detail else Link.STREAMING, detail=detail)
        )
    for one in session_events:
        view.event(one)
    out, err = capsys.readouterr()
    assert not out
    lines = err.splitlines()
    assert [line.split("event=")[1].split()[0] for line in lines] == ["link", "link", "set"]
    assert 'level=warning event=link sensor="back strap" link=lost detail="out of reach"' in lines[1]
    assert "reps=8" in lines[2]

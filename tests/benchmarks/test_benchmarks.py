from __future__ import annotations

import re

import pytest

from imurep.devices import decoder_for
from imurep.service.demo_broker import find_mosquitto
from tests.benchmarks import __main__ as benchmarks
from tests.benchmarks import measure, whole
from tests.benchmarks.hours import PACKET, hours
from tests.benchmarks.measure import Elapsed, later


def test_every_table_has_its_rows(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)
    monkeypatch.setattr(benchmarks, "DAY_H", 2)
    monkeypatch.setattr(benchmarks, "MESSAGES", 20)
    monkeypatch.setattr(benchmarks, "SCREEN_REPS", 20)
    monkeypatch.setattr(benchmarks, "LOADS", 1)
    monkeypatch.setattr(measure, "LATE_S", 5.0)
    monkeypatch.setattr(whole, "MANY", 2)
    benchmarks.main(["--minutes", "0.5", "--repeats", "1", "--seconds", "0.5"])
    output = capsys.readouterr().out
    assert re.findall(r"Bound: ([\w.]+)\.", output) == ["2.5", "20", "flat", "150", "2", "0", "flat"]
    rows = [line for line in output.splitlines() if re.search(r" (\d+(\.\d+)?|unknown)$", line)]
    with_broker, with_page = find_mosquitto() is not None, not benchmarks.page_lacks()
    assert len(rows) == 3 + 3 + 3 + 2 + 4 + 2 + 1 + 6 + 2 * with_broker + 2 * with_page


def test_an_hour_over_again_continues_where_it_ended() -> None:
    start, *data = hours(20.0)[0].notifications
    decoder = decoder_for("open_imu")
    decoder.feed(start)
    last, again = decoder.feed(data[-1]), decoder.feed(later(data, Elapsed.over(data, 1))[0])
    assert last is not None
    assert again is not None
    assert last.sequence is not None
    assert again.sequence == last.sequence + 1
    assert last.index is not None
    assert again.index == last.index + PACKET
    assert last.time_us is not None
    assert again.time_us is not None
    assert again.time_us - last.time_us == pytest.approx(PACKET * 1e6 / 104, rel=0.02)

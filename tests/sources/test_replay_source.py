from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from imurep.errors import RecordingError
from imurep.events import Link, LinkEvent, Notification, Packet, SensorStatus
from imurep.recording import Header, RecordingWriter
from imurep.sources import ReplaySource
from tests.sources.harness import Log, now_s

if TYPE_CHECKING:
    from pathlib import Path

    from imurep.recording import RecordingItem

ITEMS = (
    LinkEvent(7_000_000, up=True),
    Notification(7_000_000, "control", b"\x01"),
    Notification(7_250_000, "data", b"\x02"),
    Notification(67_250_001, "data", b"\x03"),
    LinkEvent(67_250_001, up=False, reason="the sensor disconnected"),
)


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "session.jsonl"
    with RecordingWriter(path, Header(session="s", sensor="back", protocol="open_imu")) as writer:
        for item in ITEMS:
            writer.write(item)
    return path


class Timed(Log):
    """Notes the loop's time of each item too."""

    def __init__(self) -> None:
        super().__init__()
        self.begin_s = now_s()
        self.at_s: list[float] = []

    def received(self, item: RecordingItem) -> None:
        super().received(item)
        self.at_s.append(now_s() - self.begin_s)

    def now_us(self) -> int:
        return round((now_s() - self.begin_s) * 1e6) + 500


@pytest.mark.asyncio
async def test_it_arrives_again_with_the_same_distances_in_time(recording: Path) -> None:
    log = Timed()
    source = ReplaySource(recording, sink=log, now_us=log.now_us)
    await source.run()
    assert log.whose == [("back", "open_imu")]
    assert log.items == [
        LinkEvent(500, up=True),
        Notification(500, "control", b"\x01"),
        Notification(250_500, "data", b"\x02"),
        Notification(60_250_501, "data", b"\x03"),
        LinkEvent(60_250_501, up=False, reason="the sensor disconnected"),
    ]
    assert log.at_s == pytest.approx([0, 0, 0.25, 60.250001, 60.250001], abs=1e-4)
    assert log.statuses == [
        SensorStatus(sensor="back", link=Link.STREAMING),
        SensorStatus(sensor="back", link=Link.STOPPED),
    ]


@pytest.mark.asyncio
async def test_it_ends_at_once_when_stopped(recording: Path) -> None:
    log = Timed()
    source = ReplaySource(recording, sink=log, now_us=log.now_us)
    running = asyncio.create_task(source.run())
    await asyncio.sleep(10)
    source.stop()
    await running
    assert len(log.items) == 3
    assert now_s() - log.begin_s == pytest.approx(10)
    assert log.statuses[-1] == SensorStatus(sensor="back", link=Link.STOPPED)


@pytest.mark.asyncio
async def test_a_csv_file_arrives_in_small_packets(tmp_path: Path) -> None:
    path = tmp_path / "some.csv"
    rows = "\n".join(f"{count / 10:.1f},0,0,9.81" for count in range(20))
    path.write_text(f"t_s,acc_x_ms2,acc_y_ms2,acc_z_ms2\n{rows}\n")
    log = Timed()
    source = ReplaySource(path, sink=log, now_us=log.now_us)
    await source.run()
    assert log.whose == [("csv", "csv")]
    packets = [item for item in log.items if isinstance(item, Packet)]
    assert [len(packet.stamps_us) for packet in packets if packet.stamps_us is not None] == [8, 8, 4]
    assert log.at_s == pytest.approx([0, 0.8, 1.2], abs=1e-3)


@pytest.mark.asyncio
async def test_a_file_that_is_not_there_is_reported_at_once(tmp_path: Path) -> None:
    log = Timed()
    with pytest.raises(RecordingError, match="cannot be read"):
        ReplaySource(tmp_path / "missing.jsonl", sink=log, now_us=log.now_us)

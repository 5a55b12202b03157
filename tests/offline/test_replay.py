from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import pytest

from imurep import analyze_file
from imurep.devices.open_imu import OpenImuDecoder
from imurep.errors import RecordingError
from imurep.events import LinkEvent, Notification, Packet, State
from imurep.offline.replay import LastSets, Pace, Replay, pieces
from imurep.recording import Header, RecordingWriter
from tests.scripted import FIRST_US, ScriptedPipeline, make_events, make_rep, make_set, write_csv

if TYPE_CHECKING:
    from pathlib import Path


def test_the_last_version_of_a_set_counts() -> None:
    last = LastSets()
    for version, repetitions in ((1, 3), (3, 5), (2, 4)):
        last.add(make_set(repetitions, version=version))
    last.add(make_rep())
    assert [found.repetitions for found in last.in_order()] == [5]


def test_a_withdrawn_set_never_was() -> None:
    last = LastSets()
    last.add(make_set(version=1))
    last.add(make_set(version=2, state=State.WITHDRAWN))
    assert last.in_order() == ()


def test_sets_come_in_the_order_of_their_start() -> None:
    last = LastSets()
    last.add(make_set(id="b", start_us=2))
    last.add(make_set(id="a", start_us=1))
    assert [found.id for found in last.in_order()] == ["a", "b"]


def test_a_recording_goes_through_the_pipeline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("imurep.offline.replay.Pipeline", ScriptedPipeline)
    monkeypatch.setattr(ScriptedPipeline, "events", tuple(make_events(make_set(4))))
    path = write_csv(tmp_path / "workout.csv")
    replay = Replay(path, exercise="good_morning", min_reps=2)
    assert replay.first_us == 0
    assert list(replay.events()) == make_events(make_set(4))
    assert (replay.first_us, replay.malformed, replay.progress) == (FIRST_US, 0, 1.0)
    arguments = ScriptedPipeline.arguments
    assert (arguments.session, arguments.exercise, arguments.min_reps) == ("workout", "good_morning", 2)
    assert [found.repetitions for found in analyze_file(path).sets] == [4]


def test_live_a_csv_comes_in_small_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("imurep.offline.replay.Pipeline", ScriptedPipeline)
    arrivals: list[int] = []
    replay = Replay(write_csv(tmp_path / "workout.csv", seconds=2.0))
    list(replay.events(arrivals.append, live=True))
    assert len(arrivals) == 5  # 40 samples by 8
    assert arrivals[0] == FIRST_US + 350_000  # when its last sample is there


def test_pieces_make_up_the_packet() -> None:
    packet = Packet(
        arrival_us=0, acc_ms2=np.arange(60.0).reshape(20, 3), gyr_rads=None, stamps_us=np.arange(20) * 1000
    )
    parts = list(pieces(packet))
    assert [len(part.stamps_us) for part in parts if part.stamps_us is not None] == [8, 8, 4]
    assert packet.acc_ms2 is not None
    assert np.array_equal(
        np.concatenate([part.acc_ms2 for part in parts if part.acc_ms2 is not None]), packet.acc_ms2
    )
    whole = dataclasses.replace(packet, stamps_us=None)
    assert list(pieces(whole)) == [whole]


def test_pace_is_real_time_times_the_speed() -> None:
    now_s = 100.0
    slept_s = []

    def sleep(duration_s: float) -> None:
        nonlocal now_s
        slept_s.append(duration_s)
        now_s += duration_s

    pace = Pace(2.0, clock=lambda: now_s, sleep=sleep)
    pace(7_000_000)
    pace(9_000_000)
    now_s += 5.0  # busy elsewhere: it catches up without a rest
    pace(11_000_000)
    pace(20_000_000)
    assert slept_s == pytest.approx([1.0, 0.5])


def test_what_cannot_be_read_is_an_error_of_its_kind(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match=r"nowhere\.csv"):
        analyze_file(tmp_path / "nowhere.csv")


def jsonl(path: Path, protocol: str) -> Path:
    with RecordingWriter(path, Header(session="s1", sensor="strap", protocol=protocol)) as writer:
        writer.write(LinkEvent(arrival_us=0, up=True))
        writer.write(Notification(arrival_us=10_000, channel="data", payload=b"\x00"))
    return path


def test_the_recording_names_its_decoder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("imurep.offline.replay.Pipeline", ScriptedPipeline)
    replay = Replay(jsonl(tmp_path / "workout.jsonl", "open_imu"))
    assert list(replay.events()) == []
    assert replay.header.sensor == "strap"
    assert isinstance(ScriptedPipeline.arguments.decoder, OpenImuDecoder)
    assert ScriptedPipeline.arguments.packets == 2


def test_a_protocol_that_nobody_knows_is_a_fault_of_the_recording(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match=r"workout\.jsonl: unknown sensor protocol 'smoke'"):
        Replay(jsonl(tmp_path / "workout.jsonl", "smoke"))


def test_samples_that_cannot_be_used_make_a_recording_unreadable(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "slow.csv", seconds=60.0, rate_hz=1.0)
    with pytest.raises(RecordingError, match=r"slow\.csv: the data come at 1 Hz"):
        list(Replay(path).events())


def test_warnings_are_complete_at_the_end(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "in_g.csv")
    path.write_text(path.read_text(encoding="utf-8").replace("9.81", "1.0"), encoding="utf-8")
    for live in (False, True):
        replay = Replay(path)
        list(replay.events(live=live))
        (warning,) = replay.warnings()
        assert "the accelerometer reads 1 m/s2" in warning


def test_packets_that_cannot_be_decoded_give_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "damaged.jsonl"
    header = Header(session="a", sensor="s", protocol="open_imu")
    with RecordingWriter(path, header) as writer:
        writer.write(Notification(0, "data", b"nonsense"))
    replay = Replay(path)
    list(replay.events())
    lost, empty = replay.warnings()
    assert lost.startswith("1 notification")
    assert "no samples" in empty

from __future__ import annotations

import base64
import contextlib
import gzip
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imurep.errors import RecordingError
from imurep.events import Boundary, Instruction, LinkEvent, Notification
from imurep.recording import Header, RecordingWriter, open_recording

if TYPE_CHECKING:
    from pathlib import Path

    from imurep.recording import RecordingItem

HEADER = Header(
    session="s-1", sensor="strap", protocol="open_imu", utc=datetime(2025, 1, 31, 17, 0, tzinfo=UTC)
)
HEADER_LINE = json.dumps(
    {
        "format": "imurep-recording",
        "version": 1,
        "session": "s-1",
        "sensor": "strap",
        "protocol": "open_imu",
        "utc": None,
    }
)
ITEMS: list[Notification | LinkEvent | Instruction] = [
    LinkEvent(0, up=True, reason="connected"),
    Notification(10, "control", b"\x82\x2a\x04"),
    Notification(2**40, "data", bytes(range(256))),
    Notification(2**40, "data", b""),
    Instruction(2**40, exercise="deadlift"),
    Instruction(2**40, boundary=Boundary.FINISH),
    Instruction(2**40, exercise="unknown", boundary=Boundary.START),
    Instruction(2**40, recent_exercises=("deadlift", "good_morning")),
    LinkEvent(2**41, up=False),
]


def written(path: Path, items: list[Notification | LinkEvent | Instruction]) -> Path:
    with RecordingWriter(path, HEADER) as writer:
        for item in items:
            writer.write(item)
    return path


def file_of(folder: Path, *lines: str) -> Path:
    path = folder / "r.jsonl"
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def read(path: Path) -> list[RecordingItem]:
    return list(open_recording(path))


@pytest.mark.parametrize("name", ["r.jsonl", "r.jsonl.gz"])
def test_what_is_written_is_read(tmp_path: Path, name: str) -> None:
    recording = open_recording(written(tmp_path / name, ITEMS))

    assert recording.header == HEADER
    assert recording.progress == 0.0
    assert list(recording) == ITEMS
    assert recording.progress == 1.0
    assert list(recording) == ITEMS, "each iteration starts anew"
    assert (tmp_path / name).read_bytes().startswith(b"\x1f\x8b") == name.endswith("gz")


def test_the_content_decides_not_the_name(tmp_path: Path) -> None:
    path = written(tmp_path / "r.jsonl.gz", ITEMS).rename(tmp_path / "r.csv")
    assert read(path) == ITEMS


def test_progress_grows(tmp_path: Path) -> None:
    path = written(tmp_path / "r", [Notification(i, "data", bytes(200)) for i in range(1000)])
    recording = open_recording(path)
    seen = [recording.progress for _ in recording]
    assert seen == sorted(seen)
    assert seen[0] < 0.1
    assert 0.4 < seen[500] < 0.6
    assert 0.9 < seen[-1] <= 1.0


def test_each_line_is_on_its_way_at_once(tmp_path: Path) -> None:
    for name in ("r.jsonl", "r.jsonl.gz"):
        with RecordingWriter(tmp_path / name, HEADER) as writer:
            for number, item in enumerate(ITEMS):
                writer.write(item)
                assert read(tmp_path / name) == ITEMS[: number + 1]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(packed=st.booleans(), cut=st.integers(0, 2000))
def test_a_cut_off_end_is_no_error(tmp_path: Path, *, packed: bool, cut: int) -> None:
    path = tmp_path / ("r.gz" if packed else "r")
    if not path.exists():
        written(path, ITEMS)
    whole = path.read_bytes()
    short = tmp_path / "short"
    header_end = whole.index(b"\n") + 1 if not packed else 160
    short.write_bytes(whole[: max(len(whole) - cut, header_end)])
    items = read(short)
    assert items == ITEMS[: len(items)]
    if cut == 0:
        assert items == ITEMS


def test_payloads_in_base64(tmp_path: Path) -> None:
    payload = base64.b64encode(b"\x00\xff\x10").decode()
    path = file_of(tmp_path, HEADER_LINE, f'{{"t_us": 5, "channel": "data", "base64": "{payload}"}}')
    assert read(path) == [Notification(5, "data", b"\x00\xff\x10")]


def test_what_a_later_version_adds_is_left_out(tmp_path: Path) -> None:
    path = file_of(
        tmp_path,
        HEADER_LINE[:-1] + ', "person": "ada"}',
        '{"t_us": 1, "note": "a new kind of line"}',
        '{"t_us": 2, "channel": "data", "hex": "00", "rssi": -60}',
        "",
    )
    assert read(path) == [Notification(2, "data", b"\x00")]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("{", "not a line of JSON"),
        ("[" * 100_000, "not a line of JSON"),
        ("[1]", "not a JSON object"),
        ('{"channel": "data", "hex": "00"}', '"t_us" is None'),
        ('{"t_us": 1.5, "channel": "data", "hex": "00"}', '"t_us" is 1.5'),
        ('{"t_us": true, "channel": "data", "hex": "00"}', '"t_us" is True'),
        ('{"t_us": 9223372036854775808, "channel": "data", "hex": "00"}', "whole microseconds"),
        ('{"t_us": 1, "channel": 3, "hex": "00"}', '"channel" is 3'),
        ('{"t_us": 1, "channel": "data", "hex": "0"}', '"hex" or in "base64"'),
        ('{"t_us": 1, "channel": "data", "base64": "?"}', '"hex" or in "base64"'),
        ('{"t_us": 1, "channel": "data"}', '"hex" or in "base64"'),
        ('{"t_us": 1, "link": "sideways"}', '"up" or "down"'),
        ('{"t_us": 1, "link": []}', '"up" or "down"'),
        ('{"t_us": 1, "link": "up", "reason": 1}', '"reason" is 1'),
        ("\ufffd\x00", "not a line of JSON"),
        ('{"t_us": 1, "told": "deadlift"}', '"told" is .deadlift.; it has to be an object'),
        ('{"t_us": 1, "told": {"exercise": "squat"}}', "unknown exercise .squat."),
        ('{"t_us": 1, "told": {"exercise": 1}}', '"exercise" is 1'),
        ('{"t_us": 1, "told": {"set": "pause"}}', '"start" or "finish"'),
        ('{"t_us": 1, "told": {"recent": "deadlift"}}', "has to be a list of exercises"),
        ('{"t_us": 1, "told": {"recent": [1]}}', "has to be a list of exercises"),
    ],
)
def test_a_malformed_line_is_named(tmp_path: Path, line: str, problem: str) -> None:
    path = file_of(tmp_path, HEADER_LINE, "", line, '{"t_us": 1, "link": "up"}')
    with pytest.raises(RecordingError, match=problem) as caught:
        read(path)
    assert f"{path}, line 3: " in str(caught.value)


@pytest.mark.parametrize(
    ("header", "problem"),
    [
        ('{"hello": 1}', "not an imurep recording"),
        ("{hello", "not a line of JSON"),
        (HEADER_LINE.replace('"version": 1', '"version": 2'), "version 2 .* update imurep"),
        (HEADER_LINE.replace('"strap"', "null"), '"sensor" is missing'),
        (HEADER_LINE.replace('"utc": null', '"utc": "yesterday"'), '"utc" is'),
        (HEADER_LINE.replace('"utc": null', '"utc": 5'), '"utc" is'),
        (HEADER_LINE.replace('"utc": null', '"utc": "2025-01-31T17:00:00"'), '"utc" is'),
    ],
)
def test_a_header_that_does_not_fit(tmp_path: Path, header: str, problem: str) -> None:
    with pytest.raises(RecordingError, match=problem):
        open_recording(file_of(tmp_path, header))


def test_a_cut_off_header(tmp_path: Path) -> None:
    path = tmp_path / "r"
    path.write_text(HEADER_LINE, encoding="utf-8")
    with pytest.raises(RecordingError, match="nothing was recorded"):
        open_recording(path)


def test_damaged_gzip(tmp_path: Path) -> None:
    whole = gzip.compress((HEADER_LINE + "\n").encode() + b'{"t_us": 1, "link": "up"}\n' * 3000)
    path = tmp_path / "r.gz"
    path.write_bytes(whole[:-8] + bytes(8))
    with pytest.raises(RecordingError, match="gzip data are damaged"):
        read(path)
    path.write_bytes(b"\x1f\x8b" + bytes(range(100)))
    with pytest.raises(RecordingError, match="gzip data are damaged"):
        open_recording(path)
    path.write_bytes(whole[:20])
    with pytest.raises(RecordingError, match="end too early"):
        open_recording(path)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    for name, problem in {
        "missing": "No such file",
        ".": "Is a directory",
        "nul\0": "null byte",
        "empty": "empty",
    }.items():
        with pytest.raises(RecordingError, match=problem):
            open_recording(f"{tmp_path}/{name}")


def test_an_existing_file_is_not_overwritten(tmp_path: Path) -> None:
    path = written(tmp_path / "r", ITEMS)
    with pytest.raises(RecordingError, match="exists already"):
        RecordingWriter(path, HEADER)
    assert read(path) == ITEMS


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(cut=st.integers(0, 200))
def test_a_recording_continues_where_a_killed_program_left_it(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "r"
    path.unlink(missing_ok=True)
    whole = written(path, ITEMS).read_bytes()
    path.write_bytes(whole[: len(whole) - cut])
    kept = read(path)
    if not path.read_bytes().endswith(b"\n"):
        kept = [*open_recording(path)]
    with RecordingWriter(path, None) as writer:
        writer.write(ITEMS[0])
    assert read(path)[-1] == ITEMS[0]
    assert len(read(path)) in {len(kept), len(kept) + 1}, "a whole line without its end is not trusted"
    assert read(path)[:-1] == ITEMS[: len(read(path)) - 1]


def test_places_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="cannot be written: No such file"):
        RecordingWriter(tmp_path / "nowhere" / "r", HEADER)
    writer = RecordingWriter(tmp_path / "r", HEADER)
    writer.close()
    with pytest.raises(RecordingError, match="cannot be written"):
        writer.write(ITEMS[0])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(junk=st.binary(max_size=300), headed=st.booleans(), packed=st.booleans())
def test_any_bytes_give_items_or_a_recording_error(
    tmp_path: Path,
    junk: bytes,
    *,
    headed: bool,
    packed: bool,
) -> None:
    content = (HEADER_LINE.encode() + b"\n" if headed else b"") + junk
    (tmp_path / "r").write_bytes(gzip.compress(content) if packed else content)
    with contextlib.suppress(RecordingError):
        read(tmp_path / "r")

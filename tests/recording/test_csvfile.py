from __future__ import annotations

import contextlib
import gzip
import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imurep.errors import RecordingError
from imurep.events import Packet
from imurep.recording import open_recording

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

PLAIN = "t_s,acc_x_ms2,acc_y_ms2,acc_z_ms2\n"


def file_of(folder: Path, content: str | bytes, name: str = "lift.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def packets(path: Path) -> list[Packet]:
    items = list(open_recording(path))
    assert all(isinstance(item, Packet) for item in items)
    return [item for item in items if isinstance(item, Packet)]


def only(path: Path) -> tuple[list[int], NDArray[np.float64], NDArray[np.float64] | None]:
    (packet,) = packets(path)
    assert packet.stamps_us is not None
    assert packet.acc_ms2 is not None
    return packet.stamps_us.tolist(), packet.acc_ms2, packet.gyr_rads


def test_a_plain_file(tmp_path: Path) -> None:
    path = file_of(tmp_path, PLAIN + "5.5,1,2,3\n5.51,-4,5e-1,.6\n")
    (packet,) = packets(path)
    assert packet.arrival_us == 5_500_000
    assert packet.stamps_us is not None
    assert packet.stamps_us.dtype == np.int64
    assert packet.stamps_us.tolist() == [5_500_000, 5_510_000]
    assert packet.acc_ms2 is not None
    assert packet.acc_ms2.tolist() == [[1, 2, 3], [-4, 0.5, 0.6]]
    assert packet.acc_ms2.flags.c_contiguous
    assert packet.gyr_rads is None
    assert packet.rate_hz is None


@pytest.mark.parametrize("name", ["lift.csv", "lift.csv.gz", "lift.CSV", "lift"])
def test_the_session_is_the_name(tmp_path: Path, name: str) -> None:
    path = file_of(tmp_path, gzip.compress(f"{PLAIN}0,1,2,3\n".encode()), name)
    header = open_recording(path).header
    assert (header.session, header.sensor, header.protocol, header.utc) == ("lift", "csv", "csv", None)
    assert only(path)[0] == [0]


def test_columns_in_any_order_with_units(tmp_path: Path) -> None:
    path = file_of(
        tmp_path,
        "note,gyr_z_dps,gyr_y_dps,gyr_x_dps,t_ms,acc_z_mg,acc_x_mg,acc_y_mg,hr\n"
        "a,180,0,90,1000.5,1000,0,-500,x\n",
    )
    stamps_us, acc_ms2, gyr_rads = only(path)
    assert stamps_us == [1_000_500]
    np.testing.assert_allclose(acc_ms2, [[0, -9.80665 / 2, 9.80665]], rtol=1e-14)
    assert gyr_rads is not None
    np.testing.assert_allclose(gyr_rads, [[math.pi / 2, 0, math.pi]], rtol=1e-14)
    assert gyr_rads.flags.c_contiguous


def test_microseconds_g_and_rads(tmp_path: Path) -> None:
    names = "t_us,acc_x_g,acc_y_g,acc_z_g,gyr_x_rads,gyr_y_rads,gyr_z_rads\n"
    stamps_us, acc_ms2, gyr_rads = only(file_of(tmp_path, f"{names}1738342800000001,1,0,-1,1,2,3\n"))
    assert stamps_us == [1_738_342_800_000_001]
    assert acc_ms2.tolist() == [[9.80665, 0, -9.80665]]
    assert gyr_rads is not None
    assert gyr_rads.tolist() == [[1, 2, 3]]


@pytest.mark.parametrize(
    "content",
    [
        PLAIN + "0,1,2,3\n1,4,5,6\n\n  \n",
        PLAIN.replace("\n", "\r\n") + "0,1,2,3\r\n1,4,5,6\r\n",
        "\ufeff" + PLAIN + "0,1,2,3\n1,4,5,6",
        "\n" + PLAIN + "0,1,2,3\n\n1,4,5,6\n",
        " T_S , acc_x_ms2,Acc_Y_ms2 ,acc_z_ms2\n 0 , 1,2 ,3\n1,4,5,6\n",
        '"t_s","acc_x_ms2","acc_y_ms2","acc_z_ms2"\n"0","1","2","3"\n1,4,5,6\n',
        PLAIN.replace(",", ";") + "0;1;2;3\n1;4;5;6\n",
        PLAIN.replace(",", "\t") + "0\t1\t2\t3\n1\t4\t5\t6\n",
        PLAIN.replace("\n", ",note\n") + '0,1,2,3,"a, b"\n1,4,5,6,\n',
    ],
    ids=["blank", "crlf", "bom", "blank first", "spaces", "quotes", "semicolon", "tab", "comma in quotes"],
)
def test_dialects(tmp_path: Path, content: str) -> None:
    stamps_us, acc_ms2, _ = only(file_of(tmp_path, content))
    assert stamps_us == [0, 1_000_000]
    assert acc_ms2.tolist() == [[1, 2, 3], [4, 5, 6]]


def test_text_of_another_encoding_in_another_column(tmp_path: Path) -> None:
    content = PLAIN.replace("\n", ",note\n").encode() + b"0,1,2,3,caf\xe9\n"
    assert only(file_of(tmp_path, content))[0] == [0]


def test_rows_with_missing_or_impossible_values_are_left_out(tmp_path: Path) -> None:
    rows = "0,1,2,3\n1,,2,3\n2,nan,2,3\n3,NA,2,3\n4,inf,2,3\n5,1e5,2,3\n6,1,2,3\n"
    stamps_us, acc_ms2, _ = only(file_of(tmp_path, PLAIN + rows))
    assert stamps_us == [0, 6_000_000]
    assert acc_ms2.tolist() == [[1, 2, 3], [1, 2, 3]]


def test_repeated_stamps_and_small_steps_back_pass(tmp_path: Path) -> None:
    path = file_of(tmp_path, PLAIN + "1,1,2,3\n1,1,2,3\n0.5,1,2,3\n1.2,1,2,3\n")
    assert only(path)[0] == [1_000_000, 1_000_000, 500_000, 1_200_000]


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ("", "no rows"),
        ("\n\n", "no rows"),
        ("0,1,2,3\n1,,2\n", "line 3: 3 cells where the header has 4"),
        ("0,1,2,3\n1,1,2,3,4\n", "line 3: 5 cells where the header has 4"),
        ("0,1,2,3\n\n1,1,x,3\n", "line 4: column acc_y_ms2: 'x' is not a number"),
        ("0,1,2,3\n1,1,2,'3\n", 'line 3: column acc_z_ms2: "\'3" is not a number'),
        ("0,1,2,3\nnan,1,2,3\n", "line 3: column t_s: the time is empty"),
        ("0,1,2,3\n,1,2,3\n", "line 3: column t_s: the time is empty"),
        ("0,1,2,3\n1e300,1,2,3\n", "line 3: column t_s: the time is 1e\\+300"),
        ("9,1,2,3\n5.8,1,2,3\n", "line 3: column t_s: the time goes back by 3.2 s; sort"),
        ("0,,,\n1,,,\n", "all 2 rows"),
        ('0,1,2,3\n1,1,"2,3\n', "line 3"),
    ],
)
def test_rows_that_do_not_fit(tmp_path: Path, rows: str, problem: str) -> None:
    path = file_of(tmp_path, PLAIN + rows)
    with pytest.raises(RecordingError, match=problem) as caught:
        packets(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("header", "problem"),
    [
        ("0,1,2,3", "line 1: no time column"),
        ("t_s,t_ms,acc_x_g,acc_y_g,acc_z_g", "more than one time column"),
        ("t_s,t_s,acc_x_g,acc_y_g,acc_z_g", "more than one time column"),
        ("t_s,a,b,c", "column acc_x_ms2 is missing"),
        ("t_s,acc_x_g,acc_z_g", "column acc_y_g is missing"),
        ("t_s,acc_x_g,acc_y_g,acc_z_mg", r"acc_\* have different units \(g, mg\)"),
        ("t_s,acc_x_g,acc_x_g,acc_y_g,acc_z_g", "column acc_x_g appears twice"),
        ("t_s,acc_x_g,acc_y_g,acc_z_g,gyr_x_dps,gyr_y_dps", "column gyr_z_dps is missing"),
        ("t_s,acc_x_g,acc_y_g,acc_z_g,gyr_x_rpm,gyr_y_rpm,gyr_z_rpm", "column gyr_x_dps is missing"),
        ("PK\0\1", "neither a recording nor CSV"),
        ("", "the file is blank"),
    ],
)
def test_headers_that_do_not_fit(tmp_path: Path, header: str, problem: str) -> None:
    with pytest.raises(RecordingError, match=problem):
        open_recording(file_of(tmp_path, f"{header}\n"))


def test_a_cut_off_gzip(tmp_path: Path) -> None:
    whole = gzip.compress((PLAIN + "".join(f"{i},{i % 7},2,3\n" for i in range(20_000))).encode())
    path = file_of(tmp_path, whole[: len(whole) // 2])
    with pytest.raises(RecordingError, match="end too early"):
        packets(path)


def test_a_long_file_comes_in_pieces(tmp_path: Path) -> None:
    rows = 40_000
    path = file_of(tmp_path, PLAIN + "".join(f"{i / 100:.2f},{i % 97},2,3\n" for i in range(rows)))
    recording = open_recording(path)
    sizes, progress = [], []
    times: list[int] = []
    for packet in recording:
        assert isinstance(packet, Packet)
        assert packet.stamps_us is not None
        sizes.append(len(packet.stamps_us))
        times += packet.stamps_us.tolist()
        progress.append(recording.progress)
    assert times == [i * 10_000 for i in range(rows)]
    assert max(sizes) < rows // 2
    assert progress == sorted(progress)
    assert recording.progress == 1.0


def test_a_step_back_between_pieces(tmp_path: Path) -> None:
    rows = "".join(f"{i / 100:.2f},1,2,3\n" for i in range(30_000))
    path = file_of(tmp_path, f"{PLAIN}{rows}1.00,1,2,3\n")
    with pytest.raises(RecordingError, match=r"line 30002: column t_s: the time goes back by 298\.99 s"):
        packets(path)


CELL = st.one_of(
    st.floats(-100, 100).map(str),
    st.sampled_from(["", "nan", "inf", "x", '"', "1_0", "\0", " 1 ", "\n", ","]),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80)
@given(st.lists(st.lists(CELL, min_size=3, max_size=5), max_size=6), st.binary(max_size=20))
def test_any_cells_give_packets_or_a_recording_error(
    tmp_path: Path, rows: list[list[str]], junk: bytes
) -> None:
    content = (PLAIN + "".join(",".join(row) + "\n" for row in rows)).encode() + junk
    path = file_of(tmp_path, content)
    with contextlib.suppress(RecordingError):
        found = packets(path)
        assert found
        assert all(np.isfinite(p.acc_ms2).all() for p in found if p.acc_ms2 is not None)


def test_a_last_line_that_was_cut_off_is_left_out(tmp_path: Path) -> None:
    stamps_us, _, _ = only(file_of(tmp_path, PLAIN + "0,1,2,3\n0.01,1,2,3\n0.02,1"))
    assert stamps_us == [0, 10_000]
    with pytest.raises(RecordingError, match="line 3: 2 cells"):
        packets(file_of(tmp_path, PLAIN + "0,1,2,3\n0.02,1\n"))


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"\n\n\n", "blank"),
        (b"\x89PNG\r\n\x1a\n\xff\xd8", "neither a recording nor CSV"),
        (b"t_s,acc_x\0", "neither a recording nor CSV"),
    ],
)
def test_what_is_no_csv_at_all(tmp_path: Path, content: bytes, problem: str) -> None:
    with pytest.raises(RecordingError, match=problem):
        open_recording(file_of(tmp_path, content))


def test_an_endless_line_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="longer than"):
        packets(file_of(tmp_path, PLAIN + "0,1,2,3\n" + "1" * 3_000_000))
    with pytest.raises(RecordingError, match="no time column"):
        open_recording(file_of(tmp_path, "x" * 3_000_000))


def test_lines_may_end_as_they_like_across_chunks(tmp_path: Path) -> None:
    rows = 40_000
    for end in ("\n", "\r\n"):
        path = file_of(tmp_path, PLAIN.strip() + end + "".join(f"{i / 100},1,2,3{end}" for i in range(rows)))
        found = packets(path)
        assert len(found) > 1
        assert sum(len(packet.stamps_us) for packet in found if packet.stamps_us is not None) == rows

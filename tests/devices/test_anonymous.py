"""What anonymizing leaves of a notification."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imurep.devices import KINDS
from imurep.errors import PacketError
from tests.devices.foreign import pmd_frame, pmd_raw
from tests.devices.words import notification
from tests.fuzz.scripts import FOREIGN


def test_what_identifies_a_movesense_is_left_out() -> None:
    keep = KINDS["movesense"].anonymous()
    assert keep(notification(b"\x01\x01\x01250230002214\0Movesense\0")) is None
    for one in (
        notification("0102c800"),
        notification(b"\x02\x02" + bytes(100)),
        notification("64", "battery"),
    ):
        assert keep(one) is one


@given(st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=5))
def test_stamps_begin_at_one_hour(stamps_ns: list[int]) -> None:
    keep = KINDS["polar"].anonymous()
    moved = [keep(notification(pmd_frame(2, stamp, 1, pmd_raw([(1, 2, 3)], 2)))) for stamp in stamps_ns]
    payloads = [one.payload for one in moved if one is not None]
    assert [int.from_bytes(one[1:9], "little") for one in payloads] == [
        (stamp - stamps_ns[0] + 3600 * 10**9) % 2**64 for stamp in stamps_ns
    ]
    assert {one[:1] + one[9:] for one in payloads} == {b"\x02\x01" + pmd_raw([(1, 2, 3)], 2)}


@pytest.mark.parametrize("protocol", sorted(FOREIGN))
def test_it_decodes_as_before(protocol: str) -> None:
    keep = KINDS[protocol].anonymous()
    plain, anonymous = KINDS[protocol].decoder(), KINDS[protocol].decoder()
    for channel, payload in FOREIGN[protocol]:
        message = notification(payload, channel)
        kept = keep(message)
        if kept is None:
            continue
        try:
            packet = plain.feed(message)
        except PacketError:
            packet = None
        try:
            again = anonymous.feed(kept)
        except PacketError:
            again = None
        assert (packet is None) == (again is None)
        if packet is not None and again is not None:
            assert packet.rate_hz == again.rate_hz
            for one, other in ((packet.acc_ms2, again.acc_ms2), (packet.gyr_rads, again.gyr_rads)):
                assert (one is None) == (other is None)
                assert one is None or other is None or one.tolist() == other.tolist()


def test_others_mean_nothing() -> None:
    message = notification("00ff")
    assert KINDS["witmotion"].anonymous()(message) is message
    assert KINDS["open_imu"].anonymous()(message) is message

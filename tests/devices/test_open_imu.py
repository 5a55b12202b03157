from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imurep.devices.open_imu import OpenImuDecoder
from imurep.errors import PacketError
from imurep.events import Notification, Packet

GOLDEN: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "golden" / "packets.json").read_text("utf-8")
)
RESPONSES: dict[str, dict[str, Any]] = GOLDEN["responses"]
ONE_SAMPLE = next(v for v in GOLDEN["packets"] if "1 g" in v["name"])["hex"]


def name_of(vector: dict[str, Any]) -> str:
    return str(vector["name"])


def decoder_after(*responses: str) -> OpenImuDecoder:
    decoder = OpenImuDecoder()
    for name in responses:
        assert decoder.feed(Notification(0, "control", bytes.fromhex(RESPONSES[name]["hex"]))) is None
    return decoder


@pytest.mark.parametrize("vector", GOLDEN["packets"], ids=name_of)
def test_golden_packets(vector: dict[str, Any]) -> None:
    (response,) = vector["after"]
    described = RESPONSES[response]

    packet = decoder_after(response).feed(Notification(77, "data", bytes.fromhex(vector["hex"])))

    assert packet is not None
    assert packet.arrival_us == 77
    assert packet.stamps_us is None
    assert not packet.apart
    fields = vector["fields"]
    assert (packet.sequence, packet.index) == (fields["sequence"], fields["index"])
    assert (packet.time_us, packet.backfill) == (fields["time_us"], fields["backfill"])
    assert packet.rate_hz == described["rate_mhz"] / 1000
    assert packet.acc_ms2 is not None
    raw = np.array(vector["samples"], dtype=float)
    g, full = described["acc_g_per_lsb"]
    np.testing.assert_allclose(packet.acc_ms2, raw[:, :3] * g / full * 9.80665, rtol=1e-12)
    if described["gyr_dps_per_lsb"] is None:
        assert packet.gyr_rads is None
    else:
        assert packet.gyr_rads is not None
        dps, full = described["gyr_dps_per_lsb"]
        np.testing.assert_allclose(packet.gyr_rads, raw[:, 3:] * dps / full * math.pi / 180, rtol=1e-12)
    for values in (packet.acc_ms2, packet.gyr_rads):
        assert values is None or (values.dtype == np.float64 and values.flags.c_contiguous)


@pytest.mark.parametrize("vector", GOLDEN["silent"], ids=name_of)
def test_golden_notifications_without_samples(vector: dict[str, Any]) -> None:
    decoder = decoder_after(*vector["after"])
    assert decoder.feed(Notification(0, vector["channel"], bytes.fromhex(vector["hex"]))) is None


@pytest.mark.parametrize("vector", GOLDEN["malformed"], ids=name_of)
def test_golden_malformed(vector: dict[str, Any]) -> None:
    decoder = decoder_after(*vector["after"])
    with pytest.raises(PacketError, match=vector["malformed"]):
        decoder.feed(Notification(0, vector["channel"], bytes.fromhex(vector["hex"])))


def test_the_example_in_full() -> None:
    packet = decoder_after("acc_gyr").feed(Notification(0, "data", bytes.fromhex(ONE_SAMPLE)))
    assert packet is not None
    assert packet.acc_ms2 is not None
    assert packet.acc_ms2.tolist() == [[0.0, 0.0, 9.80665]]


def test_streams_are_counted_at_each_start() -> None:
    decoder = decoder_after("acc_gyr", "acc_gyr")
    packet = decoder.feed(Notification(0, "data", bytes.fromhex(ONE_SAMPLE)))
    assert packet is not None
    assert packet.stream == 1


def test_a_state_has_nothing_new_of_a_known_stream() -> None:
    decoder = decoder_after("acc_gyr", "acc_gyr_state")
    packet = decoder.feed(Notification(0, "data", bytes.fromhex(ONE_SAMPLE)))
    assert packet is not None
    assert packet.stream == 0


def test_an_older_stream_keeps_its_scales() -> None:
    decoder = decoder_after("acc_gyr", "acc")
    packet = decoder.feed(Notification(0, "data", bytes.fromhex(ONE_SAMPLE)))
    assert packet is not None
    assert packet.stream == 0


def info(boot: int) -> Notification:
    (vector,) = (v for v in GOLDEN["silent"] if v["name"] == "info")
    payload = bytearray.fromhex(vector["hex"])
    payload[4] = boot
    return Notification(0, "info", bytes(payload))


def test_after_a_reboot_a_number_means_another_stream() -> None:
    decoder = OpenImuDecoder()
    decoder.feed(info(boot=1))
    decoder.feed(Notification(0, "control", bytes.fromhex(RESPONSES["acc_gyr"]["hex"])))
    decoder.feed(info(boot=1))
    assert decoder.feed(Notification(0, "data", bytes.fromhex(ONE_SAMPLE))) is not None
    decoder.feed(info(boot=2))
    with pytest.raises(PacketError, match="stream 7, whose start was not seen"):
        decoder.feed(Notification(0, "data", bytes.fromhex(ONE_SAMPLE)))
    decoder.feed(Notification(0, "control", bytes.fromhex(RESPONSES["acc_gyr_state"]["hex"])))
    packet = decoder.feed(Notification(0, "data", bytes.fromhex(ONE_SAMPLE)))
    assert packet is not None
    assert packet.stream == 1


@pytest.mark.parametrize("channel", ["status", "clock", "battery"])
def test_other_channels_hold_no_samples(channel: str) -> None:
    assert OpenImuDecoder().feed(Notification(0, channel, b"\x00")) is None


def test_info_shows_whether_samples_can_be_had_again() -> None:
    """Features 4 is RESEND; what a sensor did not say it cannot do."""
    response = next(v["after"][0] for v in GOLDEN["packets"] if v["hex"] == ONE_SAMPLE)
    decoder = decoder_after(response)
    sample = Notification(0, "data", bytes.fromhex(ONE_SAMPLE))
    rest = "01000000 60ea0000 1400 14 00 4000 f700"
    for features, expected in ((None, False), ("3b00", False), ("0400", True), ("ff00", True)):
        if features is not None:
            decoder.feed(Notification(0, "info", bytes.fromhex("0100" + features + rest)))
        packet = decoder.feed(sample)
        assert packet is not None
        assert packet.resendable is expected


@pytest.mark.parametrize(
    ("flags", "backfill", "end"),
    [(0, False, False), (1, True, False), (0x11, True, True), (0x10, False, False)],
)
def test_the_last_packet_of_a_backfill(*, flags: int, backfill: bool, end: bool) -> None:
    response = next(v["after"][0] for v in GOLDEN["packets"] if v["hex"] == ONE_SAMPLE)
    payload = bytearray.fromhex(ONE_SAMPLE)
    payload[1] = flags
    packet = decoder_after(response).feed(Notification(0, "data", bytes(payload)))
    assert packet is not None
    assert (packet.backfill, packet.backfill_end) == (backfill, end)


@given(st.sampled_from(["data", "control", "status", "info", "elsewhere"]), st.binary(max_size=250))
def test_any_bytes_give_a_packet_nothing_or_a_packet_error(channel: str, payload: bytes) -> None:
    decoder = decoder_after("acc_gyr", "acc")
    try:
        packet = decoder.feed(Notification(0, channel, payload))
    except PacketError:
        return
    assert packet is None or isinstance(packet, Packet)


@given(st.sampled_from([v["hex"] for v in GOLDEN["packets"]]), st.data())
def test_any_damaged_packet_likewise(good: str, data: st.DataObject) -> None:
    payload = bytearray.fromhex(good)
    for _ in range(data.draw(st.integers(1, 3))):
        payload[data.draw(st.integers(0, len(payload) - 1))] = data.draw(st.integers(0, 255))
    decoder = decoder_after("acc_gyr", "acc")
    try:
        packet = decoder.feed(Notification(0, "data", bytes(payload)))
    except PacketError:
        return
    assert packet is None or packet.acc_ms2 is not None


@given(st.sampled_from([r["hex"] for r in RESPONSES.values()]), st.data())
def test_any_damaged_response_likewise(good: str, data: st.DataObject) -> None:
    payload = bytearray.fromhex(good)
    for _ in range(data.draw(st.integers(1, 3))):
        payload[data.draw(st.integers(0, len(payload) - 1))] = data.draw(st.integers(0, 255))
    decoder = OpenImuDecoder()
    try:
        decoder.feed(Notification(0, "control", bytes(payload)))
        packet = decoder.feed(Notification(0, "data", bytes.fromhex(ONE_SAMPLE)))
    except PacketError:
        return
    assert packet is not None
    assert np.isfinite(packet.acc_ms2 if packet.acc_ms2 is not None else math.nan).all()

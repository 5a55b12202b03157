"""What goes over the relay, byte for byte."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imurep.devices.protocol import Disconnect, Read, Subscribe, Write
from imurep.errors import PacketError
from imurep.sources.relay.codec import (
    CharacteristicValue,
    Record,
    RelayedSensor,
    SensorConnected,
    SensorDisconnected,
    StepDone,
    StepRefused,
    encode_answer,
    parse_record,
)

if TYPE_CHECKING:
    from imurep.devices.protocol import Step

UUID = "9ae50004-df2e-4098-bf8d-127a24faf056"
RECORD = {
    "schema": "imurep.relay/1",
    "session": "k3",
    "number": 7,
    "oldest": 5,
    "sensor": {"name": "IMU", "tag": "3fa9", "services": ["9AE50001-df2e-4098-bf8d-127a24faf056"]},
    "up": True,
    "turn": 2,
    "at_us": 1_790_000_000_200_000,
    "sent_us": 1_790_000_000_300_000,
    "items": [
        {"what": "value", "at_us": 1, "characteristic": UUID.upper(), "value": "AAH/"},
        {"what": "up", "at_us": 2},
        {"what": "down", "at_us": 3, "reason": "out of reach"},
        {"what": "done", "at_us": 4, "voice": "v", "step": 9},
        {"what": "refused", "at_us": 5, "voice": "v", "step": 10, "problem": "not permitted"},
    ],
}


def test_a_record() -> None:
    assert parse_record(json.dumps(RECORD).encode()) == Record(
        session="k3",
        number=7,
        oldest=5,
        sensor=RelayedSensor("IMU", "3fa9", frozenset({"9ae50001-df2e-4098-bf8d-127a24faf056"})),
        is_up=True,
        turn=2,
        items=(
            CharacteristicValue(1, UUID, b"\x00\x01\xff"),
            SensorConnected(2),
            SensorDisconnected(3, "out of reach"),
            StepDone(4, "v", 9),
            StepRefused(5, "v", 10, "not permitted"),
        ),
        at_us=1_790_000_000_200_000,
        sent_us=1_790_000_000_300_000,
    )


def test_an_answer() -> None:
    steps: list[tuple[int, Step]] = [
        (11, Subscribe("data")),
        (12, Read("data")),
        (13, Write("data", b"\x00\xff", response=False)),
        (14, Disconnect("no", again=False)),
    ]
    answer = encode_answer(
        session="k3",
        next_number=8,
        issuer="v",
        turn=2,
        link="streaming",
        detail="",
        steps=steps,
        channels={"data": UUID},
    )
    assert json.loads(answer) == {
        "schema": "imurep.relay/1",
        "session": "k3",
        "wanted": 8,
        "voice": "v",
        "turn": 2,
        "link": "streaming",
        "detail": "",
        "steps": [
            {"step": 11, "do": "subscribe", "characteristic": UUID},
            {"step": 12, "do": "read", "characteristic": UUID},
            {"step": 13, "do": "write", "characteristic": UUID, "value": "AP8=", "response": False},
            {"step": 14, "do": "hang_up", "problem": "no", "again": False},
        ],
    }


@pytest.mark.parametrize(
    "wrong",
    [
        {"schema": "imurep.relay/2"},
        {"session": 3},
        {"number": -1},
        {"number": 1.5},
        {"number": True},
        {"at_us": 2**53},
        {"sensor": {"name": "IMU"}},
        {"session": "\ud83d"},
        {"items": [{"what": "song", "at_us": 1}]},
        {"items": [{"what": "value", "at_us": 1, "characteristic": UUID, "value": "%"}]},
        {"items": 3},
    ],
)
def test_what_is_wrong_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(PacketError):
        parse_record(json.dumps({**RECORD, **wrong}).encode())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inside: st.lists(inside) | st.dictionaries(st.sampled_from(sorted(RECORD)), inside),
)


@given(st.binary() | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_a_record_or_a_packet_error(payload: bytes) -> None:
    with pytest.raises(PacketError):
        parse_record(payload)


@given(st.sampled_from(sorted(RECORD)), JSON)
def test_any_field_may_be_anything(name: str, value: object) -> None:
    try:
        parse_record(json.dumps({**RECORD, name: value}).encode())
    except PacketError:
        return

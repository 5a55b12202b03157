from __future__ import annotations

import re
from pathlib import Path

import pytest

from imurep.devices import KINDS, decoder_for, recognise
from imurep.devices.kind import SensorKind, name_for_people
from imurep.devices.open_imu import KIND, OpenImuConversation, OpenImuDecoder
from imurep.devices.protocol import StreamRequest
from imurep.errors import ConfigError

FORMAT = Path(__file__).parents[2] / "docs" / "reference" / "packet-format.md"
OURS = "9ae50001-df2e-4098-bf8d-127a24faf056"


def test_decoders_by_name() -> None:
    assert all(type(decoder_for(name)) is kind.decoder for name, kind in KINDS.items())
    with pytest.raises(ConfigError, match="unknown sensor protocol 'morse'; known: open_imu, polar"):
        decoder_for("morse")


def test_protocols_have_a_name_for_people_and_one_in_files() -> None:
    names = {name: kind.protocol for name, kind in KINDS.items()}
    assert names == {"open_imu": "open_imu", "polar": "pmd", "movesense": "gsp", "witmotion": "witmotion"}
    for name, in_files in names.items():
        assert name_for_people(name) == name_for_people(in_files) == name
        assert type(decoder_for(name)) is type(decoder_for(in_files))
    assert name_for_people("morse") == "morse"


def test_the_table() -> None:
    assert all(kind.name == name for name, kind in KINDS.items())
    for kind in KINDS.values():
        assert not kind.conversation(StreamRequest()).streaming
        assert all(
            re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", u) for u in kind.channels.values()
        )


def test_our_sensor_is_as_its_format_states() -> None:
    rows = re.findall(r"^\| (000\d) \| (\w+) \|", FORMAT.read_text("utf-8"), re.MULTILINE)
    uuids = {name: f"9ae5{number}-df2e-4098-bf8d-127a24faf056" for number, name in rows}
    assert uuids.pop("service") in KIND.services
    assert KIND.channels == {**uuids, "battery": "00002a19-0000-1000-8000-00805f9b34fb"}
    assert KIND.decoder is OpenImuDecoder
    assert KIND.conversation is OpenImuConversation


@pytest.mark.parametrize("services", [{OURS}, {OURS.upper()}, {OURS, "0000180f-0000-1000-8000-00805f9b34fb"}])
def test_a_sensor_is_recognised_by_its_service(services: set[str]) -> None:
    assert recognise(None, services) is KIND
    assert recognise("anything", services) is KIND


@pytest.mark.parametrize("name", [None, "", "Open IMU", "Polar", "Polar Vantage V3"])
def test_what_advertises_nothing_of_ours_is_not_recognised(name: str | None) -> None:
    assert recognise(name, ["0000180f-0000-1000-8000-00805f9b34fb"]) is None


@pytest.mark.parametrize(
    ("name", "services", "protocol"),
    [
        ("Polar H10 8C4CAD2D", {"0000180d-0000-1000-8000-00805f9b34fb"}, "polar"),
        ("Polar Sense 8C4CAD2D", {"0000feee-0000-1000-8000-00805f9b34fb"}, "polar"),
        ("Movesense 250230002214", {"0000fdf3-0000-1000-8000-00805f9b34fb"}, "movesense"),
        ("WT901BLE67", set(), "witmotion"),
        (None, {"0000ffe5-0000-1000-8000-00805f9a34fb"}, "witmotion"),
    ],
)
def test_sensors_that_people_own(name: str | None, services: set[str], protocol: str) -> None:
    assert recognise(name, services) is KINDS[protocol]


def test_a_kind_can_be_known_by_its_name() -> None:
    kind = SensorKind(
        name="scale",
        title="Scale One",
        decoder=OpenImuDecoder,
        conversation=OpenImuConversation,
        channels={},
        names=("SCALE", "Scale"),
    )
    assert kind.fits("SCALE 123", frozenset())
    assert not kind.fits("My SCALE", frozenset())
    assert not kind.fits(None, frozenset({OURS}))

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imurep.errors import ConfigError
from imurep.sources import BleSpec, ReplaySpec, parse_spec

MAC = st.binary(min_size=6, max_size=6).map(lambda raw: raw.hex(":").upper())
UUID = st.uuids().map(lambda uuid: str(uuid).upper())
NAME = st.text(min_size=1).map(str.strip).filter(bool)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ble", BleSpec()),
        ("ble:Back Strap 2", BleSpec(name="Back Strap 2")),
        ("ble: Back ", BleSpec(name="Back")),
        ("ble:c0:ff:ee:00:00:01", BleSpec(address="C0:FF:EE:00:00:01")),
        ("ble:c0-ff-ee-00-00-01", BleSpec(address="C0:FF:EE:00:00:01")),
        (
            "ble:9f3c4a52-9d3f-4b8e-a1f0-000000000001",
            BleSpec(address="9F3C4A52-9D3F-4B8E-A1F0-000000000001"),
        ),
        ("ble:c0:ff:ee", BleSpec(name="c0:ff:ee")),
        ("replay:some/where.jsonl.gz", ReplaySpec(Path("some/where.jsonl.gz"))),
        (r"replay:C:\data\a.csv", ReplaySpec(Path(r"C:\data\a.csv"))),
    ],
)
def test_what_is_right(text: str, expected: BleSpec | ReplaySpec) -> None:
    assert parse_spec(text) == expected


@pytest.mark.parametrize("text", ["", "ble:", "ble: ", "replay", "replay:", "bluetooth", "usb:0", "BLE"])
def test_what_is_wrong_names_what_is_right(text: str) -> None:
    with pytest.raises(ConfigError, match=r"write ble \(any known sensor\), ble:NAME, ble:ADDRESS"):
        parse_spec(text)


@given(st.text())
def test_any_text_is_a_spec_or_a_config_error(text: str) -> None:
    try:
        spec = parse_spec(text)
    except ConfigError:
        return
    assert parse_spec(str(spec)) == spec


@given(MAC | UUID)
def test_an_address_is_found_in_either_case(address: str) -> None:
    for written in (address, address.lower()):
        spec = parse_spec(f"ble:{written}")
        assert isinstance(spec, BleSpec)
        assert spec.names(None, address)
        assert spec.names("Name", address.lower())


@given(NAME, MAC)
def test_a_name_is_found_in_either_case_and_whole(name: str, address: str) -> None:
    spec = BleSpec(name=name)
    assert spec.names(name, address)
    assert spec.names(name.upper(), address) == (name.upper().casefold() == name.casefold())
    assert not spec.names(f"{name}2", address)
    assert not spec.names(None, address)
    assert not BleSpec().names(name, address)

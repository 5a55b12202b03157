from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from bleak.exc import BleakDeviceNotFoundError, BleakError, BleakGATTProtocolError
from bumble import hci
from bumble.device import Advertisement
from hypothesis import given
from hypothesis import strategies as st

from firmware_sim.radio.air import AirConditions
from imurep.sources.ble.bumble.bumble_scanner import merged
from tests.sources.harness import CHANNELS, SERVICE, SUPERVISION_S, Harness, now_s, until

if TYPE_CHECKING:
    from bleak import BleakClient
    from bleak.backends.device import BLEDevice

ADDRESS = hci.Address("F6:00:00:00:00:01")


class Central:
    """One connection with bleak's own client on the stand's adapter."""

    def __init__(self, harness: Harness) -> None:
        self.harness = harness
        self.reasons: list[str] = []

    async def client(self) -> BleakClient:
        seen: list[BLEDevice] = []
        await self.harness.radio.ready()
        async with self.harness.radio.scanner(lambda device, _: seen.append(device)):
            await until(lambda: seen and seen[-1].name == "Back")
        return self.harness.radio.client(seen[-1], self.reasons.append)

    async def connected(self) -> BleakClient:
        client = await self.client()
        await client.connect()
        return client


@pytest.mark.asyncio
async def test_services_reads_writes_and_notifications() -> None:
    async with Harness() as harness:
        sensor = await harness.sensor()
        central = Central(harness)
        client = await central.connected()
        assert client.is_connected
        assert client.name == "Back"
        assert client.mtu_size == 517
        service = client.services.get_service(SERVICE)
        assert service is not None
        assert {each.uuid for each in service.characteristics} == {CHANNELS["data"], CHANNELS["control"]}
        assert await client.read_gatt_char(CHANNELS["battery"]) == b"\x57"

        values: list[bytes] = []
        await client.start_notify(CHANNELS["data"], lambda _, value: values.append(bytes(value)))
        with pytest.raises(BleakError, match="started already"):
            await client.start_notify(CHANNELS["data"], lambda _, __: None)
        await sensor.send(b"one")
        await asyncio.sleep(0.1)
        await client.stop_notify(CHANNELS["data"])
        await sensor.send(b"two")
        await asyncio.sleep(0.1)
        assert values == [b"one"]

        sensor.refusal = 0x13
        with pytest.raises(BleakGATTProtocolError, match="Value Not Allowed"):
            await client.write_gatt_char(CHANNELS["control"], b"x", response=True)
        await client.disconnect()
        await client.disconnect()  # once more is no harm
        assert len(central.reasons) == 1
        with pytest.raises(BleakError, match="not connected"):
            client.mtu_size  # noqa: B018 - it is the reading that raises


@pytest.mark.asyncio
async def test_a_request_that_waits_when_the_link_drops_is_no_cancellation() -> None:
    async with Harness() as harness:
        sensor = await harness.sensor()
        central = Central(harness)
        client = await central.connected()
        harness.set_in_range(sensor, is_in_range=False)
        with pytest.raises(BleakError, match="the link was lost"):
            await client.read_gatt_char(CHANNELS["battery"])
        assert central.reasons == ["out of reach or off"]
        assert not client.is_connected


@pytest.mark.asyncio
async def test_a_request_that_is_cancelled_is_cancelled() -> None:
    async with Harness() as harness:
        sensor = await harness.sensor()
        client = await Central(harness).connected()
        harness.set_in_range(sensor, is_in_range=False)
        request = asyncio.create_task(client.read_gatt_char(CHANNELS["battery"]))
        await asyncio.sleep(0.1)
        request.cancel()
        await asyncio.wait({request})
        assert request.cancelled()


@pytest.mark.asyncio
async def test_pairing() -> None:
    async with Harness() as harness:
        sensor = await harness.sensor()
        client = await Central(harness).connected()
        await client.pair()
        assert sensor.connection is not None
        assert sensor.connection.is_encrypted
        with pytest.raises(BleakError, match="pairings end"):
            await client.unpair()


@pytest.mark.asyncio
async def test_connecting_in_vain_ends_and_the_next_attempt_works() -> None:
    async with Harness() as harness:
        sensor = await harness.sensor()
        client = await Central(harness).client()
        harness.set_in_range(sensor, is_in_range=False)
        begin_s = now_s()
        with pytest.raises(BleakDeviceNotFoundError, match="Back does not answer"):
            await client.connect()
        assert now_s() - begin_s == pytest.approx(15, abs=0.1)
        harness.set_in_range(sensor, is_in_range=True)
        await client.connect()
        assert client.is_connected


@pytest.mark.asyncio
async def test_a_link_that_drops_during_discovery_is_an_error() -> None:
    async with Harness() as harness:
        harness.air.conditions = AirConditions(supervision_s=SUPERVISION_S, interval_s=0.03)
        sensor = await harness.sensor()
        client = await Central(harness).client()
        attempt = asyncio.create_task(client.connect())
        await until(lambda: sensor.connection)
        harness.set_in_range(sensor, is_in_range=False)
        with pytest.raises(BleakError, match="the link was lost"):
            await attempt
        assert not client.is_connected


@pytest.mark.asyncio
async def test_a_pulled_adapter_ends_what_is_under_way() -> None:
    async with Harness() as harness:
        sensor = await harness.sensor()
        central = Central(harness)
        client = await central.connected()
        harness.set_in_range(sensor, is_in_range=False)
        request = asyncio.create_task(client.read_gatt_char(CHANNELS["battery"]))
        await asyncio.sleep(0.1)
        harness.pull()
        with pytest.raises(BleakError, match="the link was lost"):
            await request
        assert central.reasons == ["the adapter is gone"]
        begin_s = now_s()
        await harness.radio.close()
        assert now_s() - begin_s < 6


def received(raw: bytes) -> Advertisement:
    return Advertisement(address=ADDRESS, rssi=-50, data_bytes=raw)


def test_name_and_services_once_heard_are_kept() -> None:
    services = received(bytes.fromhex("0201060303 0f18 0302aafe"))
    first = merged(services, None)
    assert first.local_name is None
    assert first.service_uuids == [
        "0000180f-0000-1000-8000-00805f9b34fb",
        "0000feaa-0000-1000-8000-00805f9b34fb",
    ]
    named = merged(received(b"\x05\x09Back"), first)
    assert named.local_name == "Back"
    assert named.service_uuids == first.service_uuids
    assert merged(services, named) == named._replace(platform_data=(services,))


def test_data_of_manufacturers_and_services() -> None:
    data = merged(received(bytes.fromhex("05ff59000102 04160f1857")), None)
    assert data.manufacturer_data == {0x59: b"\x01\x02"}
    assert data.service_data == {"0000180f-0000-1000-8000-00805f9b34fb": b"\x57"}


@given(st.binary(max_size=255))
def test_nonsense_on_the_air_is_read_without_complaint(raw: bytes) -> None:
    merged(received(raw), merged(received(raw[::-1]), None))

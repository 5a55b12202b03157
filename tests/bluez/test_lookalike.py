"""The look-alike does what bluetoothd does, where bleak can tell."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from bleak import BleakClient, BleakScanner
from bleak.exc import BleakDBusError, BleakDeviceNotFoundError, BleakGATTProtocolError
from bumble.att import ATT_Error, ErrorCode
from bumble.gatt import (
    GATT_CHARACTERISTIC_USER_DESCRIPTION_DESCRIPTOR,
    Characteristic,
    CharacteristicValue,
    Descriptor,
    Service,
)

from tests.bluez.harness import ADAPTER, PATIENCE_S, until
from tests.sources.harness import CHANNELS, SERVICE, Sensor

if TYPE_CHECKING:
    from bumble.device import Connection

    from tests.bluez.harness import Harness

pytestmark = pytest.mark.asyncio

MANAGER = "org.freedesktop.DBus.ObjectManager"
DEVICE = f"{ADAPTER}/dev_F6_00_00_00_00_01"


NOTE = "5d0c0010-0000-4000-8000-000000000000"
SEALED = "5d0c0011-0000-4000-8000-000000000000"


def _refuse(_connection: Connection) -> bytes:
    raise ATT_Error(ErrorCode.READ_NOT_PERMITTED)


async def sensor_on(harness: Harness, battery: int | None = None) -> Sensor:
    """Switch on a sensor that also has a note one can write on."""
    sensor = Sensor(harness.air, 1, name="Back", rssi_dbm=-61, service=SERVICE, battery=battery)
    words: Descriptor = Descriptor(
        GATT_CHARACTERISTIC_USER_DESCRIPTION_DESCRIPTOR, Descriptor.READABLE, b"note"
    )
    note: Characteristic[bytes] = Characteristic(
        NOTE,
        Characteristic.Properties.READ | Characteristic.Properties.WRITE_WITHOUT_RESPONSE,
        Characteristic.READABLE | Characteristic.WRITEABLE,
        b"empty",
        [words],
    )
    sealed: Characteristic[bytes] = Characteristic(
        SEALED, Characteristic.Properties.READ, Characteristic.READABLE, CharacteristicValue(read=_refuse)
    )
    sensor.device.add_service(Service("5d0c000f-0000-4000-8000-000000000000", [note, sealed]))
    await sensor.power_on()
    return sensor


async def test_an_advertisement_arrives_whole(harness: Harness) -> None:
    await sensor_on(harness, battery=87)
    async with asyncio.timeout(PATIENCE_S), BleakScanner() as scanner:
        seen = scanner.discovered_devices_and_advertisement_data
        while not any(advertisement.service_data for _, advertisement in seen.values()):
            await asyncio.sleep(0.1)
            seen = scanner.discovered_devices_and_advertisement_data
    ((device, advertisement),) = seen.values()
    assert device.address == "F6:00:00:00:00:01"
    assert (device.name, advertisement.local_name, advertisement.rssi) == ("Back", "Back", -61)
    assert advertisement.service_uuids == [SERVICE]
    assert advertisement.service_data == {"0000180f-0000-1000-8000-00805f9b34fb": b"\x57"}


async def test_reads_writes_and_descriptors(harness: Harness) -> None:
    sensor = await sensor_on(harness)
    sensor.device.gatt_server.max_mtu = 185
    async with BleakClient(sensor.address, timeout=PATIENCE_S) as client:
        assert await client.read_gatt_char(NOTE) == b"empty"
        await client.write_gatt_char(NOTE, b"full", response=False)
        assert await client.read_gatt_char(NOTE) == b"full"
        with pytest.raises(BleakGATTProtocolError, match="Request Not Supported"):
            await client.write_gatt_char(NOTE, b"x", response=True)
        note = client.services.get_characteristic(NOTE)
        assert note is not None
        assert note.max_write_without_response_size == 185 - 3
        (words,) = note.descriptors
        assert await client.read_gatt_descriptor(words) == b"note"
        with pytest.raises(BleakGATTProtocolError, match="Read Not Permitted"):
            await client.read_gatt_char(SEALED)


@pytest.mark.parametrize("acquire", [False, True])
async def test_notifications_by_signal_and_by_socket(harness: Harness, *, acquire: bool) -> None:
    sensor = await sensor_on(harness)
    values: list[bytes] = []
    async with BleakClient(sensor.address, timeout=PATIENCE_S) as client:
        for _ in range(2):
            await client.start_notify(
                CHANNELS["data"],
                lambda _, value: values.append(bytes(value)),
                bluez={"use_start_notify": not acquire},
            )
            await sensor.send(b"a" * 240)
            await until(lambda: values)
            await client.stop_notify(CHANNELS["data"])
            await asyncio.sleep(2)
            await sensor.send(b"b")
            await asyncio.sleep(1)
            assert values == [b"a" * 240]
            values.clear()


async def test_a_device_that_is_gone_is_forgotten(harness: Harness) -> None:
    sensor = await sensor_on(harness)
    async with BleakScanner() as scanner:
        await until(lambda: scanner.discovered_devices)
        sensor.controller.vanish()
        await until(lambda: not scanner.discovered_devices)
    (objects,) = await harness.ask("/", MANAGER, "GetManagedObjects")
    assert ADAPTER in objects
    assert DEVICE not in objects


async def test_a_client_that_leaves_the_bus_scans_no_more(harness: Harness) -> None:
    await harness.ask(ADAPTER, "org.bluez.Adapter1", "StartDiscovery")  # by a client that leaves at once

    async def is_discovering() -> bool:
        (objects,) = await harness.ask("/", MANAGER, "GetManagedObjects")
        return bool(objects[ADAPTER]["org.bluez.Adapter1"]["Discovering"].value)

    async with asyncio.timeout(60):
        while await is_discovering():  # noqa: ASYNC110 - another program's state
            await asyncio.sleep(0.1)


async def test_an_adapter_that_is_switched_off_ends_every_scan(harness: Harness) -> None:
    scanner = BleakScanner()
    await scanner.start()
    await harness.power(on=False)
    with pytest.raises(AssertionError, match="Resource Not Ready"):
        await harness.ask(ADAPTER, "org.bluez.Adapter1", "StartDiscovery")
    await harness.power(on=True)
    with pytest.raises(BleakDBusError, match="No discovery started"):
        await scanner.stop()


async def test_a_second_stop_is_refused(harness: Harness) -> None:
    with pytest.raises(AssertionError, match="No discovery started"):
        await harness.ask(ADAPTER, "org.bluez.Adapter1", "StopDiscovery")


async def test_connecting_in_vain_ends_with_the_kernels_words(harness: Harness) -> None:
    sensor = await sensor_on(harness)
    async with BleakScanner() as scanner:
        await until(lambda: scanner.discovered_devices)
    sensor.controller.vanish()
    with pytest.raises(AssertionError, match="le-connection-abort-by-local"):
        await harness.ask(DEVICE, "org.bluez.Device1", "Connect")


async def test_a_second_call_to_connect_is_refused(harness: Harness) -> None:
    sensor = await sensor_on(harness)
    async with BleakScanner() as scanner:
        await until(lambda: scanner.discovered_devices)
    sensor.controller.vanish()
    first = asyncio.create_task(harness.ask(DEVICE, "org.bluez.Device1", "Connect"))
    await asyncio.sleep(1)
    with pytest.raises(AssertionError, match="In Progress"):
        await harness.ask(DEVICE, "org.bluez.Device1", "Connect")
    await harness.ask(DEVICE, "org.bluez.Device1", "Disconnect")
    with pytest.raises(AssertionError, match="le-connection-abort-by-local"):
        await first


@pytest.mark.usefixtures("harness")
async def test_unpairing_what_is_not_known() -> None:
    with pytest.raises(BleakDeviceNotFoundError):
        await BleakClient("F6:00:00:00:00:09").unpair()


async def test_the_second_notification_session_is_refused(harness: Harness) -> None:
    sensor = await sensor_on(harness)
    async with BleakClient(sensor.address, timeout=PATIENCE_S) as client:
        await client.start_notify(CHANNELS["data"], lambda *_: None)
        (objects,) = await harness.ask("/", MANAGER, "GetManagedObjects")
        (path,) = (
            path
            for path, one in objects.items()
            if one.get("org.bluez.GattCharacteristic1", {}).get("Notifying")
            and one["org.bluez.GattCharacteristic1"]["Notifying"].value
        )
        with pytest.raises(AssertionError, match="Notify acquired"):
            await harness.ask(path, "org.bluez.GattCharacteristic1", "AcquireNotify", "a{sv}", [{}])

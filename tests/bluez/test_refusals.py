"""What BlueZ refuses, or the sensor behind it, and what a source makes of that."""

from __future__ import annotations

import asyncio
import random
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from bleak import BleakClient
from bleak.exc import BleakDBusError
from bumble.pairing import PairingConfig, PairingDelegate

from imurep.devices.kind import SensorKind
from imurep.devices.open_imu import OpenImuDecoder
from imurep.devices.protocol import StreamRequest, Write
from imurep.events import Link
from imurep.sources import BleSpec
from imurep.sources.ble import BleSource, BluetoothError, PlatformAdapter, SensorScanner, scan
from imurep.sources.ble.error_mapping import translated
from tests.bluez.bus import private_bus
from tests.bluez.harness import PATIENCE_S, Harness, until
from tests.sources.harness import CHANNELS, SERVICE, Log, Script, Sensor

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

pytestmark = pytest.mark.asyncio

START = Write("control", b"start")
PAIRING = "the sensor wants to be paired first; pair it in the Bluetooth settings of the system"


class Unwilling(PairingDelegate):
    async def accept(self) -> bool:
        return False


async def scripted(harness: Harness) -> Sensor:
    sensor = Sensor(harness.air, 1, name="Back", rssi_dbm=-50, service=SERVICE, battery=None)
    await sensor.power_on()
    return sensor


@asynccontextmanager
async def source_with(script: Script) -> AsyncIterator[Log]:
    kind = SensorKind(
        name="scripted",
        title="Scripted sensor",
        decoder=OpenImuDecoder,
        conversation=lambda _: script,
        channels=CHANNELS,
        services=frozenset({SERVICE}),
    )
    scanner = SensorScanner(PlatformAdapter(), {"scripted": kind})
    log = Log()
    loop = asyncio.get_running_loop()
    source = BleSource(
        BleSpec(),
        scanner=scanner,
        stream_request=StreamRequest(),
        sink=log,
        now_us=lambda: round(loop.time() * 1e6),
        rng=random.Random(1),  # noqa: S311 - no secret
    )
    running = asyncio.create_task(source.run())
    try:
        yield log
    finally:
        source.stop()
        await running
        await scanner.close()


async def test_a_write_that_the_sensor_refuses(harness: Harness) -> None:
    sensor = await scripted(harness)
    sensor.refusal = 0x13
    script = Script(first=(START,))
    async with source_with(script):
        await until(lambda: len(script.calls) > 1)
        assert script.calls == ["connected", (START, "the sensor refuses: Value Not Allowed")]


async def test_pairing_that_fails_for_want_of_an_agent(harness: Harness) -> None:
    sensor = await scripted(harness)
    sensor.refusal = 0x05
    sensor.device.pairing_config_factory = lambda _: PairingConfig(delegate=Unwilling())
    script = Script(first=(START,))
    async with source_with(script):
        await until(lambda: len(script.calls) > 1)
        assert script.calls == ["connected", (START, PAIRING)]


async def test_pairing_that_is_refused(harness: Harness) -> None:
    sensor = await scripted(harness)
    sensor.device.pairing_config_factory = lambda _: PairingConfig(delegate=Unwilling())
    async with BleakClient(sensor.address, timeout=PATIENCE_S) as client:
        with pytest.raises(BluetoothError, match=PAIRING) as caught, translated():
            await client.pair()
        assert isinstance(caught.value.__cause__, BleakDBusError)
        assert caught.value.__cause__.dbus_error == "org.bluez.Error.AuthenticationFailed"


async def test_a_link_that_drops_while_a_write_waits_is_no_refusal(harness: Harness) -> None:
    sensor = await scripted(harness)
    script = Script()
    async with source_with(script) as log:
        await until(lambda: sensor.written)
        script.answers["data"] = (START,)
        await sensor.send(b"one")
        harness.air.set_in_range(sensor.controller, is_in_range=False)
        await until(lambda: log.link is Link.LOST)
        assert [calls for calls in script.calls if isinstance(calls, tuple)] == []
        harness.air.set_in_range(sensor.controller, is_in_range=True)
        await until(lambda: log.ups == 2)


async def test_two_writes_at_once_both_arrive(harness: Harness) -> None:
    sensor = await scripted(harness)
    async with BleakClient(sensor.address, timeout=PATIENCE_S) as client:
        payloads = [b"one", b"two", b"three"]
        await asyncio.gather(
            *(client.write_gatt_char(CHANNELS["control"], each, response=True) for each in payloads)
        )
        assert sorted(sensor.written) == sorted(payloads)


async def test_a_user_without_rights_to_bluetooth_gets_a_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with private_bus(tmp_path, may_use_bluez=False) as address:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
        async with Harness(address, tmp_path):
            with pytest.raises(BluetoothError, match="this program may not use Bluetooth"):
                await scan(PlatformAdapter(), {}, on_result=lambda _: None, seconds=0)


@pytest.mark.usefixtures("bus")
async def test_a_bus_without_bluez_differs_from_no_bus() -> None:
    with pytest.raises(BluetoothError, match="the Bluetooth service of this machine does not run"):
        await scan(PlatformAdapter(), {}, on_result=lambda _: None, seconds=0)

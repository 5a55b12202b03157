"""The service through bleak's own backend for Linux, and everything that happens on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from bleak.backends.bluezdbus.manager import get_global_bluez_manager

from imurep.devices import KINDS
from imurep.events import Link
from imurep.sources.ble import PlatformAdapter, scan
from tests.bluez.harness import ADAPTER, REPS, until

if TYPE_CHECKING:
    from imurep.sources.ble import ScanResult
    from tests.bluez.harness import Stand

pytestmark = pytest.mark.asyncio


async def test_scan_shows_the_sensor(stand: Stand) -> None:
    await stand.sensor()
    seen: list[ScanResult] = []
    await scan(PlatformAdapter(), KINDS, on_result=seen.append, seconds=2)
    newest = seen[-1].advertisement
    assert newest.name == "IMU-SIM"
    assert newest.kind is KINDS["open_imu"]
    assert newest.address == "F6:00:00:00:00:01"
    assert newest.rssi_dbm == -50
    assert len(seen) > 5  # each advertisement, not only what changes


async def test_a_set_is_counted(stand: Stand) -> None:
    sensor = await stand.sensor()
    stand.serve()
    await stand.streams()
    assert await stand.counted(sensor) == [REPS]
    assert stand.heard.statuses[-1].link is Link.STOPPED
    assert stand.heard.statuses[-1].rssi_dbm == -50
    assert stand.heard.statuses[-1].battery_percent == 100


async def test_what_was_missed_out_of_range_is_sent_again(stand: Stand) -> None:
    sensor = await stand.sensor()
    stand.serve()
    await stand.halfway(sensor)
    sensor.set_in_range(is_in_range=False)
    await until(lambda: stand.heard.link is Link.LOST)
    sensor.set_in_range(is_in_range=True)
    assert await stand.counted(sensor) == [REPS]
    assert stand.heard.has_said("the link was lost; looking for it")


async def test_bluetooth_is_switched_off_and_on(stand: Stand) -> None:
    sensor = await stand.sensor()
    stand.serve()
    await stand.halfway(sensor)
    await stand.power(on=False)
    await until(lambda: stand.heard.has_said("Bluetooth is switched off; switch it on"))
    await stand.power(on=True)
    assert await stand.counted(sensor) == [REPS]


async def test_bluetooth_is_off_while_the_service_looks_for_a_sensor(stand: Stand) -> None:
    stand.serve()
    await until(lambda: stand.heard.link is Link.SEARCHING)
    await stand.power(on=False)
    await until(lambda: stand.heard.has_said("Bluetooth is switched off; switch it on"))
    await stand.power(on=True)
    await stand.sensor()
    await stand.streams()


async def test_bluetooth_is_switched_off_and_on_again_at_once(stand: Stand) -> None:
    stand.serve()
    await until(lambda: stand.heard.link is Link.SEARCHING)
    await stand.power(on=False)
    await stand.power(on=True)
    await stand.sensor()
    await stand.streams()


@pytest.mark.parametrize("missed", ["Powered", "InterfacesAdded"])
async def test_an_adapter_that_came_up_unseen_by_bleak_is_seen_at_the_second_look(
    stand: Stand, missed: str
) -> None:
    await stand.sensor()
    manager = await get_global_bluez_manager()
    if missed == "Powered":
        manager._properties[ADAPTER]["org.bluez.Adapter1"]["Powered"] = False
    else:
        manager._adapters.clear()
    stand.serve()
    await stand.streams()


async def test_the_adapter_is_pulled_out_and_put_back(stand: Stand) -> None:
    sensor = await stand.sensor()
    stand.serve()
    await stand.halfway(sensor)
    await stand.pull_adapter()
    await until(lambda: stand.heard.has_said("this machine has no Bluetooth adapter; plug one in"))
    await stand.plug_adapter()
    assert await stand.counted(sensor) == [REPS]


async def test_bluetoothd_is_killed_and_starts_again(stand: Stand) -> None:
    sensor = await stand.sensor()
    stand.serve()
    await stand.halfway(sensor)
    await stand.kill_bluez()
    await until(lambda: stand.heard.has_said("the Bluetooth service of this machine does not run"))
    await stand.start_bluez()
    assert await stand.counted(sensor) == [REPS]


async def test_bluetoothd_is_restarted_in_no_time(stand: Stand) -> None:
    kill_the_first = await stand.successor()
    sensor = await stand.sensor()
    stand.serve()
    await stand.halfway(sensor)
    kill_the_first()
    assert await stand.counted(sensor) == [REPS]
    assert stand.heard.has_said("is no longer there")
    assert not stand.heard.has_said("refuses")


async def test_a_sensor_that_does_not_answer_is_tried_again(stand: Stand) -> None:
    sensor = await stand.sensor()
    stand.serve()
    await until(lambda: stand.heard.link is Link.CONNECTING)
    sensor.set_in_range(is_in_range=False)
    await until(lambda: stand.heard.has_said("out of reach or off; switch it on or bring it nearer"))
    sensor.set_in_range(is_in_range=True)
    await stand.streams()

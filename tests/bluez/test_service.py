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
    from tests.bluez.harness import Harness

pytestmark = pytest.mark.asyncio


async def test_scan_shows_the_sensor(harness: Harness) -> None:
    await harness.sensor()
    seen: list[ScanResult] = []
    await scan(PlatformAdapter(), KINDS, on_result=seen.append, seconds=2)
    newest = seen[-1].advertisement
    assert newest.name == "IMU-SIM"
    assert newest.kind is KINDS["open_imu"]
    assert newest.address == "F6:00:00:00:00:01"
    assert newest.rssi_dbm == -50
    assert len(seen) > 5  # each advertisement, not only what changes


async def test_a_set_is_counted(harness: Harness) -> None:
    sensor = await harness.sensor()
    harness.serve()
    await harness.streams()
    assert await harness.counted(sensor) == [REPS]
    assert harness.listener.statuses[-1].link is Link.STOPPED
    assert harness.listener.statuses[-1].rssi_dbm == -50
    assert harness.listener.statuses[-1].battery_percent == 100


async def test_what_was_missed_out_of_range_is_sent_again(harness: Harness) -> None:
    sensor = await harness.sensor()
    harness.serve()
    await harness.halfway(sensor)
    sensor.set_in_range(is_in_range=False)
    await until(lambda: harness.listener.link is Link.LOST)
    sensor.set_in_range(is_in_range=True)
    assert await harness.counted(sensor) == [REPS]
    assert harness.listener.had_detail("the link was lost; looking for it")


async def test_bluetooth_is_switched_off_and_on(harness: Harness) -> None:
    sensor = await harness.sensor()
    harness.serve()
    await harness.halfway(sensor)
    await harness.power(on=False)
    await until(lambda: harness.listener.had_detail("Bluetooth is switched off; switch it on"))
    await harness.power(on=True)
    assert await harness.counted(sensor) == [REPS]


async def test_bluetooth_is_off_while_the_service_looks_for_a_sensor(harness: Harness) -> None:
    harness.serve()
    await until(lambda: harness.listener.link is Link.SEARCHING)
    await harness.power(on=False)
    await until(lambda: harness.listener.had_detail("Bluetooth is switched off; switch it on"))
    await harness.power(on=True)
    await harness.sensor()
    await harness.streams()


async def test_bluetooth_is_switched_off_and_on_again_at_once(harness: Harness) -> None:
    harness.serve()
    await until(lambda: harness.listener.link is Link.SEARCHING)
    await harness.power(on=False)
    await harness.power(on=True)
    await harness.sensor()
    await harness.streams()


@pytest.mark.parametrize("missed", ["Powered", "InterfacesAdded"])
async def test_an_adapter_that_came_up_unseen_by_bleak_is_seen_at_the_second_look(
    harness: Harness, missed: str
) -> None:
    await harness.sensor()
    manager = await get_global_bluez_manager()
    if missed == "Powered":
        manager._properties[ADAPTER]["org.bluez.Adapter1"]["Powered"] = False
    else:
        manager._adapters.clear()
    harness.serve()
    await harness.streams()


async def test_the_adapter_is_pulled_out_and_put_back(harness: Harness) -> None:
    sensor = await harness.sensor()
    harness.serve()
    await harness.halfway(sensor)
    await harness.pull_adapter()
    await until(lambda: harness.listener.had_detail("this machine has no Bluetooth adapter; plug one in"))
    await harness.plug_adapter()
    assert await harness.counted(sensor) == [REPS]


async def test_bluetoothd_is_killed_and_starts_again(harness: Harness) -> None:
    sensor = await harness.sensor()
    harness.serve()
    await harness.halfway(sensor)
    await harness.kill_bluez()
    await until(lambda: harness.listener.had_detail("the Bluetooth service of this machine does not run"))
    await harness.start_bluez()
    assert await harness.counted(sensor) == [REPS]


async def test_bluetoothd_is_restarted_in_no_time(harness: Harness) -> None:
    kill_the_first = await harness.successor()
    sensor = await harness.sensor()
    harness.serve()
    await harness.halfway(sensor)
    kill_the_first()
    assert await harness.counted(sensor) == [REPS]
    assert harness.listener.had_detail("is no longer there")
    assert not harness.listener.had_detail("refuses")


async def test_a_sensor_that_does_not_answer_is_tried_again(harness: Harness) -> None:
    sensor = await harness.sensor()
    harness.serve()
    await until(lambda: harness.listener.link is Link.CONNECTING)
    sensor.set_in_range(is_in_range=False)
    await until(lambda: harness.listener.had_detail("out of reach or off; switch it on or bring it nearer"))
    sensor.set_in_range(is_in_range=True)
    await harness.streams()

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from imurep.errors import ConfigError
from imurep.events import Link
from imurep.service.adapter_selection import adapter_for
from imurep.sources import BleSpec
from imurep.sources.ble import SensorScanner, scan
from tests.sources.harness import Harness, Log, until

if TYPE_CHECKING:
    from imurep.sources.ble import ScanResult


@pytest.mark.asyncio
async def test_of_several_the_strongest_is_taken_and_the_next_by_whoever_comes_next() -> None:
    async with Harness() as harness:
        far = await harness.sensor("Far", rssi_dbm=-80)
        near = await harness.sensor("Near", rssi_dbm=-40)
        middle = await harness.sensor("Middle", rssi_dbm=-60)
        harness.source()
        await until(lambda: b"start" in near.written)
        harness.source()
        await until(lambda: b"start" in middle.written)
        assert far.connections == 0


@pytest.mark.asyncio
async def test_two_that_take_any_sensor_take_one_each() -> None:
    async with Harness() as harness:
        one, two = await harness.sensor("One"), await harness.sensor("Two")
        harness.source()
        harness.source()
        await until(lambda: b"start" in one.written and b"start" in two.written)


@pytest.mark.asyncio
async def test_a_sensor_that_somebody_named_is_left_to_them() -> None:
    async with Harness() as harness:
        hip = await harness.sensor("Hip", rssi_dbm=-30)
        back = await harness.sensor("Back", rssi_dbm=-90)
        _, any_log = harness.source()
        _, hip_log = harness.source(BleSpec(name="HIP"))
        await until(lambda: b"start" in hip.written and b"start" in back.written)
        assert hip_log.statuses[-1].rssi_dbm == -30
        assert any_log.statuses[-1].rssi_dbm == -90


@pytest.mark.asyncio
async def test_a_sensor_is_found_by_its_address() -> None:
    async with Harness() as harness:
        other, wanted = await harness.sensor("Same", rssi_dbm=-30), await harness.sensor("Same", rssi_dbm=-90)
        harness.source(BleSpec(address=wanted.address))
        await until(lambda: b"start" in wanted.written)
        assert other.connections == 0


@pytest.mark.asyncio
async def test_what_was_found_as_any_sensor_is_the_one_to_come_back_to() -> None:
    async with Harness() as harness:
        first = await harness.sensor("First")
        _, log = harness.source()
        await until(lambda: b"start" in first.written)
        second = await harness.sensor("Second", rssi_dbm=-20)
        harness.set_in_range(first, is_in_range=False)
        await asyncio.sleep(60)
        assert log.link is Link.LOST
        assert second.connections == 0
        harness.set_in_range(first, is_in_range=True)
        await until(lambda: log.ups == 2)


@pytest.mark.asyncio
async def test_strangers_are_no_sensors() -> None:
    async with Harness() as harness:
        other_device = await harness.sensor("Headphones", service="110B")
        _, log = harness.source()
        await asyncio.sleep(30)
        assert other_device.connections == 0
        assert log.links == [Link.SEARCHING]


@pytest.mark.asyncio
async def test_the_scan_runs_only_while_somebody_waits_and_nobody_connects() -> None:
    async with Harness() as harness:
        sensor = await harness.sensor()
        assert not harness.is_scanning()
        _, log = harness.source(BleSpec(name="Back"))
        await until(harness.is_scanning)
        await until(lambda: log.link is Link.CONNECTING)
        assert not harness.is_scanning()
        await until(lambda: b"start" in sensor.written)
        await asyncio.sleep(1)
        assert not harness.is_scanning()

        waiting, _ = harness.source(BleSpec(name="Absent"))
        await until(harness.is_scanning)
        _, late = harness.source(BleSpec(name="Late"))
        await harness.sensor("Late")
        await until(lambda: late.link is Link.CONNECTING)
        assert not harness.is_scanning()
        await until(lambda: late.ups)
        await asyncio.sleep(0.1)
        assert harness.is_scanning()
        waiting.stop()
        await asyncio.sleep(0.1)
        assert not harness.is_scanning()


@pytest.mark.asyncio
async def test_a_setting_that_cannot_work_ends_the_source() -> None:
    async with Harness() as harness:
        log = Log()
        scanner = SensorScanner(adapter_for("bumble:pigeon:1"), {})
        source = harness.make_source(log, scanner)
        with pytest.raises(ConfigError, match="names no HCI transport"):
            await source.run()
        assert log.link is Link.STOPPED


@pytest.mark.asyncio
async def test_a_scan_lists_everything_with_name_kind_signal_and_battery() -> None:
    async with Harness() as harness:
        await harness.sensor("Back", rssi_dbm=-41, battery=87)
        await harness.sensor("Headphones", rssi_dbm=-77, service="110B")
        seen: dict[str, ScanResult] = {}
        await scan(
            harness.radio,
            {"scripted": harness.kind},
            on_result=lambda one: seen.update({one.advertisement.address: one}),
            seconds=5,
        )
        back, other = seen["F6:00:00:00:00:01"], seen["F6:00:00:00:00:02"]
        assert back.advertisement.name == "Back"
        assert back.advertisement.kind is harness.kind
        assert back.advertisement.rssi_dbm == -41
        assert back.advertisement.battery_percent == 87
        assert back.first_s < 0.5
        assert 4.5 < back.last_s <= 5
        assert other.advertisement.name == "Headphones"
        assert other.advertisement.kind is None
        assert other.advertisement.battery_percent is None
        assert not harness.is_scanning()

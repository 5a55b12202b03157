"""The same simulated workout through sensors of other makers, over the whole way to counted sets."""

from __future__ import annotations

import asyncio

import pytest

from firmware_sim.sensor.emulated.catalog import MODELS
from firmware_sim.sensor.emulated.movesense import MovesenseFirmware
from firmware_sim.sensor.emulated.polar import ACC, GYR, PolarFirmware
from firmware_sim.sensor.emulated.witmotion import WitMotionFirmware
from imurep.events import Link
from tests.sources.worn_sensor import WornSetup, workout

pytestmark = pytest.mark.asyncio

EXERCISES = ("back_extension_45", "good_morning", "kettlebell_swing")
SEED = {"good_morning": 2}
"""With seed 1, an accelerometer alone does not see where the first set of good mornings ends."""


@pytest.mark.no_cover
@pytest.mark.parametrize("exercise", EXERCISES)
@pytest.mark.parametrize("kind", ["open_imu", *MODELS])
async def test_the_same_sets_as_through_our_own_format(kind: str, exercise: str) -> None:
    async with WornSetup(kind, workout(exercise, 8, 10), SEED.get(exercise, 1)) as worn:
        counted = await worn.work_out()
        assert counted.reps == [8, 10] == [len(one.reps) for one in worn.truth]
        assert {one.gyroscope for one in counted.sets} == {kind != "polar-h10"}
        assert counted.malformed == 0
        assert sum(gap.end_us - gap.start_us for gap in counted.gaps) < 50_000
        assert worn.log.links == [Link.SEARCHING, Link.CONNECTING, Link.STREAMING, Link.STOPPED]
        assert worn.log.detail == ""


@pytest.mark.parametrize("kind", ["polar-h10", "polar-verity"])
async def test_a_polar_is_asked_to_stop(kind: str) -> None:
    async with WornSetup(kind, workout("back_extension_45", 3)) as worn:
        firmware = worn.emulated.firmware
        assert isinstance(firmware, PolarFirmware)
        source = worn.stand.make_source(worn.log, worn.scanner)
        life = asyncio.create_task(source.run())
        await asyncio.sleep(20)
        assert firmware.running == ({ACC} if kind == "polar-h10" else {ACC, GYR})
        source.stop()
        await life
        assert firmware.running == set()


async def test_a_witmotion_is_set_to_100_hz_and_its_flash_left_alone() -> None:
    async with WornSetup("witmotion", workout("back_extension_45", 3)) as worn:
        await worn.work_out()
        firmware = worn.emulated.firmware
        assert isinstance(firmware, WitMotionFirmware)
        assert (firmware.rate_hz, firmware.saved) == (100, 0)


async def test_a_movesense_that_has_run_out_of_requests_is_restarted() -> None:
    async with WornSetup("movesense", workout("back_extension_45", 8)) as worn:
        firmware = worn.emulated.firmware
        assert isinstance(firmware, MovesenseFirmware)
        firmware.exhausted = True
        counted = await worn.work_out()
        assert counted.reps == [8]
        assert not firmware.exhausted
        assert any("requests and restarts" in status.detail for status in worn.log.statuses)


@pytest.mark.parametrize("kind", MODELS)
async def test_out_of_range_amid_a_set_is_a_gap_of_that_length(kind: str) -> None:
    """No sensor of these keeps samples: what was done meanwhile is lost, and the sets around it are not."""
    async with WornSetup(kind, workout("back_extension_45", 8, 10)) as worn:
        away_s = 6.0

        async def leave() -> None:
            await asyncio.sleep(worn.sensor.wearer.middle_s())
            await worn.sensor.stay_away(away_s)

        counted = await worn.work_out(leave)
        assert worn.log.ups == 2
        assert counted.malformed <= 1
        (gap,) = (gap for gap in counted.gaps if gap.end_us - gap.start_us > 1_000_000)
        # It begins up to a packet before the link falters, and ends when the link is back and has been
        # talked over.
        assert away_s - 2.0 < (gap.end_us - gap.start_us) / 1e6 < away_s + 4.5
        assert counted.reps[-1] == 10


@pytest.mark.parametrize("kind", MODELS)
async def test_a_sensor_that_is_switched_off_is_looked_for_and_found(kind: str) -> None:
    async with WornSetup(kind, workout("back_extension_45", 8, 10)) as worn:

        async def switch_off() -> None:
            first, second = worn.truth
            assert worn.sensor.wearer.begin_s is not None
            await asyncio.sleep((first.end_s + second.start_s) / 2 - 5)
            await worn.sensor.reboot(10.0)

        counted = await worn.work_out(switch_off)
        assert counted.reps == [8, 10]
        assert Link.LOST in worn.log.links
        assert worn.log.ups == 2


async def test_one_on_its_charger_reports_it() -> None:
    async with WornSetup("polar-verity", workout("back_extension_45", 8)) as worn:

        async def charge() -> None:
            await asyncio.sleep(20)
            worn.sensor.set_battery(50, charging=True)

        await worn.work_out(charge)
        details = [status.detail for status in worn.log.statuses]
        assert any("stopped measuring by itself" in detail for detail in details)
        assert any("on its charger" in detail for detail in details)

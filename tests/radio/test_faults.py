"""What goes wrong with radios, sensors and adapters amid a set, and what of the set is left.

docs/explanation/faults.md has the list for people. Faults that kill a process are in ``test_killed``.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from firmware_sim.person.workout import Session
from firmware_sim.radio.air import AirConditions
from firmware_sim.sensor.firmware_settings import FirmwareSettings
from imurep.events import Link
from imurep.sources import BleSpec
from tests.benchmarks.latency import taken
from tests.firmware_sim.centrals import central_on, connect
from tests.radio.multi_sensor_env import (
    ANY,
    MultiSensorEnv,
    alike,
    amid_the_set,
    now_s,
    trained,
    until,
    workout,
)
from tests.virtual_time import VirtualTimeLoop

if TYPE_CHECKING:
    from pathlib import Path

    from imurep.events import ExerciseSet
    from tests.radio.multi_sensor_env import Running

pytestmark = pytest.mark.asyncio


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> ExerciseSet:
    """The set when nothing goes wrong."""

    async def count() -> ExerciseSet:
        async with MultiSensorEnv(tmp_path_factory.mktemp("undisturbed")) as env:
            sensor = await env.sensor()
            running = env.serve()
            await trained(sensor)
            return (await running.stop()).the_set()

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(count())


def assert_nothing_lost(running: Running, undisturbed: ExerciseSet) -> None:
    assert alike(running.collector.the_set(), undisturbed)
    assert_replays(running)


def assert_replays(running: Running) -> None:
    """What was counted live is what the kept sessions give, bit for bit."""
    assert running.collector.sets() == running.replayed()


async def test_nothing_goes_wrong(tmp_path: Path) -> None:
    async with MultiSensorEnv(tmp_path) as env:
        sensor = await env.sensor()
        running = env.serve()
        await trained(sensor)
        collector = await running.stop()
        (truth,) = sensor.wearer.sets
        begin_s = sensor.wearer.begin_s
        assert begin_s is not None
        assert collector.tops_s() == pytest.approx(
            [begin_s + (rep.top_s or 0) for rep in truth.reps], abs=0.2
        )
        assert collector.links() == [
            Link.SEARCHING,
            Link.CONNECTING,
            Link.STREAMING,
            Link.STOPPED,
        ]
        assert collector.gaps_s == []
        assert not collector.details
        assert_replays(running)


@pytest.mark.parametrize("away_s", [1.0, 5.0, 30.0, 90.0])
async def test_out_of_range_nothing_is_lost_while_the_ring_holds_it(
    tmp_path: Path, undisturbed: ExerciseSet, away_s: float
) -> None:
    # In 90 s the sensor gives up and stops; by then the set is over, so its ring has all of it.
    async with MultiSensorEnv(tmp_path) as env:
        sensor = await env.sensor()
        running = env.serve()
        await amid_the_set(sensor)
        await sensor.stay_away(away_s)
        await until(lambda: running.collector.link is Link.STREAMING)
        await trained(sensor)
        await running.stop()
        assert_nothing_lost(running, undisturbed)


async def test_out_of_range_for_longer_than_the_ring_lasts(tmp_path: Path) -> None:
    async with MultiSensorEnv(tmp_path) as env:
        sensor = await env.sensor(workout(reps=50))
        running = env.serve()
        await amid_the_set(sensor)
        left_s = now_s()
        await sensor.stay_away(90.0)
        await trained(sensor)
        collector = await running.stop()
        begin_s = sensor.wearer.begin_s
        assert begin_s is not None
        (gap_s,) = collector.gaps_s
        # It continues for the 57 s that it can keep, and starts anew once that has been sent again.
        assert 90.0 - 57.0 < gap_s < 90.0 - 57.0 + 5.0
        # Of what lies outside the gap, every rep counts.
        (truth,) = sensor.wearer.sets
        seen = [
            rep
            for rep in truth.reps
            if begin_s + rep.end_s < left_s + 57.0 or begin_s + rep.start_s > left_s + 57.0 + gap_s
        ]
        counted = sum(found.repetitions for found in collector.sets())
        assert len(seen) <= counted <= len(seen) + 1
        assert_replays(running)


async def test_the_sensor_reboots(tmp_path: Path) -> None:
    async with MultiSensorEnv(tmp_path) as env:
        sensor = await env.sensor()
        running = env.serve()
        await amid_the_set(sensor)
        await sensor.reboot()
        await trained(sensor)
        collector = await running.stop()
        # What it had not sent is gone, and what it did not sample until it was started again.
        (gap_s,) = collector.gaps_s
        assert gap_s < 5.0
        (truth,) = sensor.wearer.sets
        assert sum(found.repetitions for found in collector.sets()) == len(truth.reps) - 1
        assert_replays(running)


async def test_the_adapter_is_pulled_out_and_plugged_in_again(
    tmp_path: Path, undisturbed: ExerciseSet
) -> None:
    async with MultiSensorEnv(tmp_path) as env:
        sensor = await env.sensor()
        running = env.serve()
        await amid_the_set(sensor)
        env.pull()
        await asyncio.sleep(10.0)
        assert any("plug it in again" in detail for detail in running.collector.details)
        env.plugged = True
        await trained(sensor)
        await running.stop()
        assert len(env.adapters) == 2
        assert_nothing_lost(running, undisturbed)


async def test_a_fifth_of_the_packets_is_lost_on_the_air(tmp_path: Path, undisturbed: ExerciseSet) -> None:
    async with MultiSensorEnv(tmp_path, AirConditions(interval_s=0.03, loss_part=0.2)) as env:
        sensor = await env.sensor()
        running = env.serve()
        await trained(sensor)
        collector = await running.stop()
        assert collector.gaps_s == []
        assert Link.LOST not in collector.links()
        assert_nothing_lost(running, undisturbed)


async def test_nothing_fits_into_an_mtu_of_23(tmp_path: Path, undisturbed: ExerciseSet) -> None:
    async with MultiSensorEnv(tmp_path) as env:
        old = await env.sensor(settings=FirmwareSettings(highest_mtu=23))
        running = env.serve()
        await until(lambda: running.collector.details)
        await asyncio.sleep(60.0)
        assert [detail for detail in running.collector.details if "23" in detail]
        assert not running.task.done()
        assert old.wearer.begin_s is None
        # The same sensor with new firmware: the service need not be started again.
        await old.power_off()
        env.sensors.clear()
        new = await env.sensor()
        await trained(new)
        await running.stop()
        assert_nothing_lost(running, undisturbed)


@pytest.mark.parametrize("holds_s", [0.0, 1.5])
async def test_ten_reconnects_in_a_row(tmp_path: Path, undisturbed: ExerciseSet, holds_s: float) -> None:
    async with MultiSensorEnv(tmp_path) as env:
        sensor = await env.sensor()
        running = env.serve()
        await sensor.begun.wait()
        await asyncio.sleep(20.0)
        for _ in range(10):
            await until(lambda: running.collector.link is Link.STREAMING)
            await asyncio.sleep(holds_s)
            await sensor.disconnect()
            await until(lambda: running.collector.link is not Link.STREAMING)
        await until(lambda: running.collector.link is Link.STREAMING)
        await trained(sensor)
        collector = await running.stop()
        assert collector.links().count(Link.STREAMING) == 11
        assert_nothing_lost(running, undisturbed)


async def test_one_of_two_sensors_dies(tmp_path: Path, undisturbed: ExerciseSet) -> None:
    async with MultiSensorEnv(tmp_path) as env:
        other = await env.sensor(seed=2)
        sensor = await env.sensor()
        running = env.serve(ANY, ANY)
        await amid_the_set(other)
        counted = running.collector.live_reps("IMU-1")
        await other.power_off()
        env.sensors.remove(other)
        await trained(sensor)
        assert running.collector.links("IMU-1")[-1] is Link.LOST
        collector = await running.stop()
        assert alike(collector.the_set("IMU-2"), undisturbed)
        assert collector.the_set("IMU-1").repetitions == counted
        assert Link.LOST not in collector.links("IMU-2")
        assert set(collector.sets()) == set(running.replayed())


@pytest.mark.no_cover
async def test_sixteen_sensors_at_once(tmp_path: Path) -> None:
    async with MultiSensorEnv(tmp_path) as env:
        for seed in range(16):
            await env.sensor(Session(), seed=seed)
        running = env.serve(*[ANY] * 16)
        await asyncio.gather(*(sensor.begun.wait() for sensor in env.sensors))
        await asyncio.sleep(30.0)
        collector = await running.stop()
        assert collector.gaps_s == []
        assert [taken(kept).missing for kept in running.kept()] == [0] * 16


@pytest.mark.parametrize("after_s", [0.0, 0.03, 0.1, 0.2, 0.3, 0.5, 0.9, 1.3])
async def test_it_is_stopped_while_it_connects(tmp_path: Path, after_s: float) -> None:
    async with MultiSensorEnv(tmp_path) as env:
        sensor = await env.sensor()
        running = env.serve()
        await until(lambda: running.collector.link is Link.CONNECTING, step_s=0.001)
        await asyncio.sleep(after_s)
        stopped_s = now_s()
        await running.stop()
        assert now_s() - stopped_s < 4.0
        await asyncio.sleep(0.1)
        assert sensor.server.connection is None
        assert sensor.firmware.status()[0] == 0  # idle
        again = env.serve()
        await trained(sensor)
        await again.stop()
        assert again.collector.the_set().repetitions == 8


async def test_somebody_else_is_connected_to_the_sensor(tmp_path: Path, undisturbed: ExerciseSet) -> None:
    async with MultiSensorEnv(tmp_path) as env:
        sensor = await env.sensor()
        central, _ = await central_on(env.air)
        phone = await connect(central, address=sensor.address)
        running = env.serve(BleSpec(address=sensor.address))
        await asyncio.sleep(30.0)
        assert ["disconnect other phones" in detail for detail in running.collector.details] == [True]
        await phone.connection.disconnect()
        await trained(sensor)
        await running.stop()
        assert_nothing_lost(running, undisturbed)


async def test_somebody_else_takes_the_sensor_amid_the_set(tmp_path: Path, undisturbed: ExerciseSet) -> None:
    async with MultiSensorEnv(tmp_path) as env:
        sensor = await env.sensor()
        running = env.serve()
        await amid_the_set(sensor)
        central, _ = await central_on(env.air)
        env.pull()
        await asyncio.sleep(3.0)
        phone = await connect(central, address=sensor.address)
        env.plugged = True
        await asyncio.sleep(20.0)
        await phone.connection.disconnect()
        await trained(sensor)
        await running.stop()
        assert_nothing_lost(running, undisturbed)

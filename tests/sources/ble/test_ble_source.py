from __future__ import annotations

import asyncio
import random
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from firmware_sim.radio.air import AirConditions
from imurep.devices.protocol import Disconnect, Read, Subscribe, Write
from imurep.errors import SinkError
from imurep.events import Link, LinkEvent, Notification
from imurep.sources import BleSpec
from tests.sources.harness import SUPERVISION_S, Harness, Log, Script, now_s, until, without_time

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imurep.devices.protocol import Step
    from tests.sources.harness import Sensor


def has_started(sensor: Sensor, times: int) -> bool:
    return sensor.written.count(b"start") == times


@pytest.mark.asyncio
async def test_a_sensor_is_found_and_streams_and_stops() -> None:
    async with Harness() as harness:
        sensor = await harness.sensor()
        source, log = harness.source()
        await until(lambda: b"start" in sensor.written)
        assert [protocol for _, protocol in log.whose] == ["scripted"]
        for number in range(50):
            await sensor.send(bytes([number]) * 240)
        await until(lambda: len(log.payloads) == 50)
        source.stop()
        await harness.tasks[0]

        sent = [bytes([number]) * 240 for number in range(50)]
        assert without_time(log.items) == [
            LinkEvent(0, up=True),
            *(Notification(0, "data", payload) for payload in sent),
            LinkEvent(0, up=False, reason="stopped"),
        ]
        assert sensor.written == [b"start", b"stop"]
        assert harness.scripts[0].calls == ["connected", *sent, "stop", "disconnected"]
        assert log.links == [Link.SEARCHING, Link.CONNECTING, Link.STREAMING, Link.STOPPED]
        assert sensor.connection is None


@pytest.mark.asyncio
async def test_steps_are_carried_out_in_order_and_values_read_are_received() -> None:
    async with Harness() as harness:
        steps = (
            Subscribe("data"),
            Write("control", b"one"),
            Read("battery"),
            Write("control", b"two", response=False),
            Write("control", b"three"),
        )
        harness.make_script = lambda: Script(first=steps)
        sensor = await harness.sensor()
        _, log = harness.source()
        await until(lambda: b"three" in sensor.written)
        assert sensor.written == [b"one", b"two", b"three"]
        assert without_time(log.items) == [LinkEvent(0, up=True), Notification(0, "battery", b"\x57")]
        assert harness.scripts[0].calls == ["connected", b"\x57"]
        assert log.statuses[-1].battery_percent == 0x57
        assert log.statuses[-1].rssi_dbm == -50


@pytest.mark.asyncio
async def test_the_mtu_is_negotiated() -> None:
    async with Harness() as harness:
        sensor = await harness.sensor()
        sensor.device.gatt_server.max_mtu = 185
        harness.source()
        await until(lambda: b"start" in sensor.written)
        assert harness.scripts[0].mtu == 185


@pytest.mark.asyncio
async def test_steps_behind_a_refused_one_are_dropped() -> None:
    async with Harness() as harness:
        step = Write("control", b"start")

        def script() -> Script:
            made = Script(first=(step, Write("control", b"never"), Disconnect()))
            made.answers["refused"] = (Subscribe("data"),)
            return made

        harness.make_script = script
        sensor = await harness.sensor()
        sensor.refusal = 0x13
        _, log = harness.source()
        await until(lambda: len(harness.scripts[0].calls) == 2 if harness.scripts else False)
        assert harness.scripts[0].calls == ["connected", (step, "the sensor refuses: Value Not Allowed")]
        sensor.refusal = None
        await asyncio.sleep(1)
        await sensor.send(b"data")
        await until(lambda: log.payloads)
        assert sensor.written == []


@pytest.mark.asyncio
async def test_a_channel_that_the_sensor_lacks_is_a_refusal() -> None:
    async with Harness() as harness:
        harness.make_script = lambda: Script(first=(Subscribe("absent"),))
        await harness.sensor()
        harness.source()
        await until(lambda: harness.scripts and len(harness.scripts[0].calls) > 1)
        problem = "the sensor has no characteristic for absent; update its firmware"
        assert harness.scripts[0].calls[1:] == [(Subscribe("absent"), problem)]


@pytest.mark.asyncio
async def test_a_sensor_that_wants_to_be_paired_reports_it() -> None:
    async with Harness() as harness:
        sensor = await harness.sensor()
        sensor.refusal = 0x05
        harness.source()
        await until(lambda: harness.scripts and len(harness.scripts[0].calls) > 1)
        assert harness.scripts[0].calls[1] == (
            Write("control", b"start"),
            "the sensor wants to be paired first; pair it in the Bluetooth settings of the system",
        )


@pytest.mark.asyncio
async def test_a_conversation_is_woken_in_time() -> None:
    async with Harness() as harness:
        woken_us: list[int] = []

        class Sleeper(Script):
            def wake(self, now_us: int) -> Sequence[Step]:
                woken_us.append(now_us - wake_us)
                return super().wake(now_us)

        harness.make_script = Sleeper
        sensor = await harness.sensor()
        harness.source()
        await until(lambda: b"start" in sensor.written)
        wake_us = harness.now_us() + 5_000_000
        harness.scripts[0].wakes_us = wake_us
        await sensor.send(b"data")  # only what arrives, or a step, makes it look at the clock again
        await asyncio.sleep(6)
        (late_us,) = woken_us
        assert 0 <= late_us < 1000


@pytest.mark.asyncio
async def test_out_of_reach_it_is_lost_and_looked_for_until_it_is_back() -> None:
    async with Harness() as harness:
        sensor = await harness.sensor()
        _, log = harness.source()
        await until(lambda: b"start" in sensor.written)
        await sensor.send(b"before")
        await asyncio.sleep(10)

        harness.set_in_range(sensor, is_in_range=False)
        await until(lambda: log.link is Link.LOST)
        assert log.detail == "out of reach or off; looking for it"
        assert log.link_events[-1].reason == "out of reach or off"
        await asyncio.sleep(90)
        assert log.link is Link.LOST
        assert log.detail == "out of reach or off; switch it on or bring it nearer"

        harness.set_in_range(sensor, is_in_range=True)
        back_s = now_s()
        await until(lambda: log.ups == 2)
        assert now_s() - back_s < 1.0
        await until(lambda: sensor.written.count(b"start") == 2)
        await sensor.send(b"after")
        await until(lambda: b"after" in log.payloads)
        assert [event.up for event in log.link_events] == [True, False, True]
        assert log.links[-1] is Link.STREAMING
        assert len(harness.scripts) == 1  # one conversation over all connections


@pytest.mark.asyncio
async def test_the_sensor_may_hang_up_and_is_called_again() -> None:
    async with Harness() as harness:
        sensor = await harness.sensor()
        _, log = harness.source()
        await until(lambda: b"start" in sensor.written)
        assert sensor.connection is not None
        await sensor.connection.disconnect()
        await until(lambda: log.ups == 2)
        assert log.link_events[1].reason == "the sensor disconnected"


@pytest.mark.asyncio
async def test_attempts_back_off_and_begin_anew_after_a_good_connection() -> None:
    async with Harness() as harness:
        attempts_s: list[float] = []
        is_good = False

        class Unhappy(Script):
            def connected(self, now_us: int, mtu: int) -> Sequence[Step]:
                super().connected(now_us, mtu)
                attempts_s.append(now_us / 1e6)
                return self.first if is_good else (Disconnect("the firmware is too old; update it"),)

        harness.make_script = Unhappy
        sensor = await harness.sensor()
        _, log = harness.source(seed=7)
        await until(lambda: len(attempts_s) == 10, within_s=300)
        rng = random.Random(7)  # noqa: S311 - no secret
        waits_s = [wait_s * rng.uniform(0.5, 1) for wait_s in (0, 0.5, 1, 2, 4, 8, 10, 10, 10)]
        # On top comes the time that finding and connecting takes, with an advertisement every 0.1 s.
        gaps_s = [later - earlier for earlier, later in pairwise(attempts_s)]
        assert all(0 <= gap_s - wait_s < 0.5 for gap_s, wait_s in zip(gaps_s, waits_s, strict=True))
        assert log.detail == "the firmware is too old; update it"

        is_good = True
        await until(lambda: b"start" in sensor.written)
        await sensor.send(b"data")
        await asyncio.sleep(1.1)
        harness.set_in_range(sensor, is_in_range=False)
        await until(lambda: log.link is Link.LOST)
        harness.set_in_range(sensor, is_in_range=True)
        back_s = now_s()
        await until(lambda: len(attempts_s) == 12)
        assert now_s() - back_s < 1.0


@pytest.mark.asyncio
async def test_after_a_problem_that_stays_it_does_not_connect_again() -> None:
    async with Harness() as harness:
        harness.make_script = lambda: Script(first=(Disconnect("too old; buy another", again=False),))
        sensor = await harness.sensor()
        source, log = harness.source()
        await until(lambda: log.link is Link.LOST)
        await asyncio.sleep(100)
        assert sensor.connections == 1
        assert log.detail == "too old; buy another"
        source.stop()
        await harness.tasks[0]


@pytest.mark.asyncio
async def test_a_sensor_that_no_longer_answers_is_dropped() -> None:
    async with Harness() as harness:
        sensor = await harness.sensor()
        harness.air.conditions = AirConditions(supervision_s=1000)
        source, log = harness.source()
        await until(lambda: b"start" in sensor.written)
        harness.scripts[0].answers["wake"] = (Write("control", b"anybody there?"),)
        harness.scripts[0].wakes_us = harness.now_us() + 1_000_000
        await sensor.send(b"data")
        await until(lambda: log.payloads)
        harness.set_in_range(sensor, is_in_range=False)
        await until(lambda: log.link is Link.LOST)
        assert log.link_events[-1].reason == "out of reach or off; switch it on or bring it nearer"
        source.stop()
        await harness.tasks[0]


@pytest.mark.asyncio
async def test_connecting_has_an_end() -> None:
    async with Harness() as harness:
        sensor = await harness.sensor()
        source, log = harness.source()
        await until(lambda: log.link is Link.CONNECTING)
        harness.set_in_range(sensor, is_in_range=False)
        begin_s = now_s()
        await until(lambda: log.link is Link.SEARCHING)
        assert 10 < now_s() - begin_s < 20
        assert log.detail == "out of reach or off; switch it on or bring it nearer"
        harness.set_in_range(sensor, is_in_range=True)
        await until(lambda: b"start" in sensor.written)
        source.stop()
        await harness.tasks[0]
        assert log.link is Link.STOPPED


@pytest.mark.parametrize("after_s", [0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6])
@pytest.mark.asyncio
async def test_stop_while_connecting_leaves_nothing_behind(after_s: float) -> None:
    async with Harness() as harness:
        harness.air.conditions = AirConditions(supervision_s=SUPERVISION_S, interval_s=0.03)
        sensor = await harness.sensor()
        source, log = harness.source()
        await until(lambda: log.link is Link.CONNECTING)
        await asyncio.sleep(after_s)
        source.stop()
        await harness.tasks[0]
        assert log.link is Link.STOPPED
        await asyncio.sleep(1)
        assert sensor.connection is None
        assert len(log.link_events) in (0, 2)

        harness.source()  # the adapter can connect again
        await until(lambda: b"start" in sensor.written)


@pytest.mark.asyncio
async def test_stop_while_searching() -> None:
    async with Harness() as harness:
        source, log = harness.source()
        await asyncio.sleep(30)
        assert log.link is Link.SEARCHING
        assert log.detail.startswith("not found yet")
        source.stop()
        stopped_s = now_s()
        await harness.tasks[0]
        assert now_s() == stopped_s
        assert log.links == [Link.SEARCHING, Link.STOPPED]
        assert log.items == []


@pytest.mark.asyncio
async def test_stop_before_it_has_begun() -> None:
    async with Harness() as harness:
        source, log = harness.source()
        source.stop()
        await harness.tasks[0]
        assert log.links == [Link.STOPPED]


@pytest.mark.asyncio
async def test_a_sensor_that_does_not_answer_cannot_hold_up_a_stop() -> None:
    async with Harness() as harness:
        harness.make_script = lambda: Script(
            stop_steps=(Write("control", b"stop"),)
        )  # and it waits for an answer
        sensor = await harness.sensor()
        source, log = harness.source()
        await until(lambda: b"start" in sensor.written)
        begin_s = now_s()
        source.stop()
        await harness.tasks[0]
        assert 2.9 < now_s() - begin_s < 3.5
        assert sensor.written == [b"start", b"stop"]
        assert log.link_events[-1].reason == "stopped"


@pytest.mark.asyncio
async def test_stop_while_the_link_is_going() -> None:
    async with Harness() as harness:
        sensor = await harness.sensor()
        source, log = harness.source()
        await until(lambda: b"start" in sensor.written)
        harness.set_in_range(sensor, is_in_range=False)
        source.stop()
        await harness.tasks[0]
        assert log.link is Link.STOPPED
        assert [event.up for event in log.link_events] == [True, False]


@pytest.mark.asyncio
async def test_cancelled_it_hangs_up() -> None:
    async with Harness() as harness:
        sensor = await harness.sensor()
        _, log = harness.source()
        await until(lambda: b"start" in sensor.written)
        harness.tasks[0].cancel()
        await asyncio.wait(harness.tasks)
        assert harness.tasks[0].cancelled()
        assert [event.up for event in log.link_events] == [True, False]
        await until(lambda: sensor.connection is None)


@pytest.mark.asyncio
async def test_what_the_sink_raises_ends_the_run_and_it_can_be_run_again() -> None:
    async with Harness() as harness:
        sensor = await harness.sensor()
        source, log = harness.source()
        await until(lambda: b"start" in sensor.written)
        log.complaint = SinkError("the disk is full")
        await sensor.send(b"data")
        with pytest.raises(SinkError, match="the disk is full"):
            await harness.tasks[0]
        assert [event.up for event in log.link_events] == [True, False]
        assert log.link is Link.STOPPED

        log.complaint = None
        harness.tasks.append(asyncio.create_task(source.run()))
        await until(lambda: log.ups == 2)
        source.stop()
        await harness.tasks[1]
        assert log.links[-4:] == [Link.STOPPED, Link.LOST, Link.CONNECTING, Link.STOPPED]


@pytest.mark.asyncio
async def test_a_notification_is_received_before_the_conversation_answers() -> None:
    async with Harness() as harness:
        order: list[str] = []

        class Attentive(Script):
            def feed(self, notification: Notification) -> Sequence[Step]:
                order.append(f"fed after {len(log.payloads)}")
                return super().feed(notification)

        harness.make_script = Attentive
        sensor = await harness.sensor()
        _, log = harness.source()
        await until(lambda: b"start" in sensor.written)
        await sensor.send(b"one")
        await sensor.send(b"two")
        await until(lambda: len(order) == 2)
        assert order == ["fed after 1", "fed after 2"]


@pytest.mark.asyncio
async def test_of_two_sensors_on_one_adapter_one_dies_and_the_other_streams_on() -> None:
    async with Harness() as harness:
        back, hip = await harness.sensor("Back"), await harness.sensor("Hip")
        _, one = harness.source(BleSpec(name="Back"))
        _, two = harness.source(BleSpec(name="Hip"))
        await until(lambda: b"start" in back.written and b"start" in hip.written)
        hip.controller.vanish()
        sent = 0
        for number in range(200):
            await back.send(bytes([number]))
            sent += 1
            await asyncio.sleep(0.05)
        assert one.payloads == [bytes([number]) for number in range(sent)]
        assert two.link is Link.LOST
        assert [event.up for event in two.link_events] == [True, False]


@pytest.mark.asyncio
async def test_a_sensor_that_somebody_else_holds_is_not_to_be_seen() -> None:
    async with Harness() as harness, Harness() as other:
        other.air = harness.air
        sensor = await harness.sensor()
        theirs, _ = other.source()
        await until(lambda: b"start" in sensor.written)
        _, log = harness.source()
        await asyncio.sleep(30)
        assert log.links == [Link.SEARCHING]
        assert "disconnect other phones and computers" in log.detail
        theirs.stop()
        await other.tasks[0]
        await until(lambda: log.ups)


@pytest.mark.asyncio
async def test_the_adapter_is_pulled_out_and_plugged_in_again() -> None:
    async with Harness() as harness:
        sensor = await harness.sensor()
        _, log = harness.source()
        await until(lambda: b"start" in sensor.written)
        harness.pull()
        await until(lambda: log.link is Link.LOST)
        assert log.link_events[-1].reason == "the adapter is gone"
        await asyncio.sleep(40)
        assert (
            log.detail
            == "the Bluetooth adapter bumble:test cannot be opened (device not found); plug it in again"
        )
        harness.plugged = True
        await until(lambda: sensor.written.count(b"start") == 2)
        assert harness.opened == 2


@pytest.mark.asyncio
async def test_an_adapter_that_does_not_answer_is_reported_and_tried_again() -> None:
    async with Harness() as harness:
        sensor = await harness.sensor()
        harness.mute = True
        _, log = harness.source()
        await until(lambda: log.detail)
        assert log.detail == "the Bluetooth adapter bumble:test does not answer; plug it in again"
        harness.mute = False
        await until(lambda: b"start" in sensor.written)


@pytest.mark.asyncio
async def test_an_adapter_that_is_pulled_out_during_the_search_is_noticed() -> None:
    async with Harness() as harness:
        _, log = harness.source()
        await until(lambda: harness.plug)
        await asyncio.sleep(0.5)
        harness.pull()
        await asyncio.sleep(15)
        assert "cannot be opened" in log.detail
        harness.plugged = True
        sensor = await harness.sensor()
        await until(lambda: b"start" in sensor.written)


@pytest.mark.asyncio
async def test_an_adapter_that_is_pulled_out_while_connecting_is_noticed() -> None:
    async with Harness() as harness:
        sensor = await harness.sensor()
        harness.set_in_range(sensor, is_in_range=True)
        _, log = harness.source()
        await until(lambda: log.link is Link.CONNECTING)
        harness.pull()
        harness.plugged = True
        await until(lambda: b"start" in sensor.written)
        assert harness.opened == 2


@pytest.mark.asyncio
async def test_ten_reconnects_in_a_row_leave_nothing_behind() -> None:
    async with Harness() as harness:
        sensor = await harness.sensor()
        source, log = harness.source()
        await until(lambda: b"start" in sensor.written)
        await asyncio.sleep(5)
        tasks = len(asyncio.all_tasks())
        for count in range(2, 12):
            await sensor.send(b"data")
            await asyncio.sleep(6)
            assert sensor.connection is not None
            await sensor.connection.disconnect()
            await until(partial(has_started, sensor, count))
        await asyncio.sleep(5)
        assert len(asyncio.all_tasks()) == tasks
        assert log.ups == 11
        assert log.payloads == [b"data"] * 10
        source.stop()
        await harness.tasks[0]
        await asyncio.sleep(0.1)
        assert asyncio.all_tasks() == {asyncio.current_task()}


@pytest.mark.asyncio
async def test_a_stranger_with_the_right_name_is_reported() -> None:
    async with Harness() as harness:
        await harness.sensor("Toaster", service="180D")
        _, log = harness.source(BleSpec(name="Toaster"))
        await until(lambda: log.detail)
        assert (
            log.detail
            == "it is there, but it is not a supported kind of sensor; `imurep scan` lists those that are"
        )


@pytest.mark.asyncio
async def test_what_a_sensor_reported_before_the_service_was_killed_is_known_to_the_conversation() -> None:
    script = Script()
    async with Harness() as harness:
        harness.make_script = lambda: script
        sensor = await harness.sensor("Back")
        source = harness.make_source(log := Log(), harness.scanner, BleSpec(name="back"))
        log.earlier = [Notification(-5_000_000, "control", b"before")]
        harness.tasks.append(asyncio.create_task(source.run()))
        await until(lambda: b"start" in sensor.written)
    assert script.calls[:2] == [b"before", "connected"]
    assert [label.split()[0] for label, _ in log.whose] == ["Back"]
    assert {status.sensor for status in log.statuses} == {"ble:back", log.whose[0][0]}

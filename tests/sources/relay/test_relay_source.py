"""Phones and relay sources: routing, status, and the end. In virtual time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Self

import pytest

from imurep.devices.protocol import StreamRequest
from imurep.events import Link, Notification
from imurep.sources import RelaySpec
from imurep.sources.relay import DeviceRouter, RelaySource
from imurep.sources.relay.relay_source import GONE_S, NO_PHONE, PHONE_SILENT
from tests.devices.fake_sensor import TICK_US, FakeSensor
from tests.sources.harness import Log, now_s, until
from tests.sources.scripted_phone import ScriptedPhone

if TYPE_CHECKING:
    from collections.abc import Callable


class PhoneTransport:
    """A relay transport with phones at its other end."""

    def __init__(self) -> None:
        self.phones: dict[str, ScriptedPhone] = {}
        self.begin_s = now_s()
        self._on_message: Callable[[str, bytes], None] | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self.router = DeviceRouter(self)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.wait(self._tasks)

    def listen(self, on_message: Callable[[str, bytes], None]) -> None:
        self._on_message = on_message

    def send(self, device: str, payload: bytes) -> None:
        phone = self.phones[device]
        if phone.online:
            phone.receive(payload)

    def phone(self, device: str = "imu-3fa9", name: str = "IMU") -> ScriptedPhone:
        phone = self.phones[device] = ScriptedPhone(FakeSensor(), name=name, session=device)
        phone.connect()
        self._tasks.append(asyncio.create_task(self._live(device, phone)))
        return phone

    def source(self, spec: RelaySpec | None = None) -> tuple[RelaySource, Log, asyncio.Task[None]]:
        log = Log()
        source = RelaySource(
            spec or RelaySpec(),
            router=self.router,
            stream_request=StreamRequest(),
            sink=log,
            now_us=self.now_us,
        )
        task = asyncio.create_task(source.run())
        self._tasks.append(task)
        return source, log, task

    def now_us(self) -> int:
        return round((now_s() - self.begin_s) * 1e6)

    async def _live(self, device: str, phone: ScriptedPhone) -> None:
        while True:
            phone.tick()
            for payload in phone.outbox:
                assert self._on_message is not None
                self._on_message(device, payload)
            phone.outbox.clear()
            await asyncio.sleep(TICK_US / 1e6)


@pytest.mark.asyncio
async def test_a_phone_comes_streams_and_is_let_go() -> None:
    async with PhoneTransport() as phones:
        source, log, task = phones.source()
        await until(lambda: log.detail == NO_PHONE)
        phone = phones.phone()
        phone.reconnects = False
        await until(lambda: log.link is Link.STREAMING)
        await asyncio.sleep(5)
        assert log.whose == [("IMU 3fa9", "open_imu")]
        assert log.statuses[-1].battery_percent == 80
        assert not source.identify()  # this sensor has nothing to blink with
        source.stop()
        await task
        assert not phone.sensor.streaming
        assert not phone.sensor.connected
        assert log.links == [
            Link.SEARCHING,
            Link.CONNECTING,
            Link.STREAMING,
            Link.CONNECTING,  # it is being stopped
            Link.LOST,
            Link.STOPPED,
        ]
        assert [event.up for event in log.link_events] == [True, False]


@pytest.mark.asyncio
async def test_a_phone_that_is_not_heard_is_reported_and_comes_back() -> None:
    async with PhoneTransport() as phones:
        _, log, _ = phones.source()
        phone = phones.phone()
        await until(lambda: log.link is Link.STREAMING)
        phone.go(online=False)
        await until(lambda: log.link is Link.LOST)
        assert log.detail == PHONE_SILENT
        await asyncio.sleep(60)
        phone.go(online=True)
        await until(lambda: log.link is Link.STREAMING)
        assert log.detail == ""
        assert log.ups == 1


@pytest.mark.asyncio
async def test_a_phone_that_stays_away_is_not_waited_for() -> None:
    async with PhoneTransport() as phones:
        _, log, _ = phones.source()
        phone = phones.phone()
        await until(lambda: log.link is Link.STREAMING)
        phone.go(online=False)
        left_us = phones.now_us()
        await asyncio.sleep(GONE_S + 2)
        assert [event.up for event in log.link_events] == [True, False]
        assert log.link_events[-1].arrival_us < left_us + 1_000_000
        phone.go(online=True)
        await until(lambda: log.link is Link.STREAMING)
        indices = [
            int.from_bytes(item.payload[8:12], "little")
            for item in log.items
            if isinstance(item, Notification) and item.channel == "data"
        ]
        assert indices == sorted(set(indices))


@pytest.mark.asyncio
async def test_two_phones_have_a_source_each() -> None:
    async with PhoneTransport() as phones:
        _, named, _ = phones.source(RelaySpec("imu-b"))
        _, first, _ = phones.source()
        _, second, _ = phones.source()
        for device, name in (("imu-a", "A"), ("imu-b", "B"), ("imu-c", "C")):
            phones.phone(device, name)
            await asyncio.sleep(1)
        await until(lambda: all(log.link is Link.STREAMING for log in (named, first, second)))
        assert [log.whose[0][0] for log in (named, first, second)] == ["B 3fa9", "A 3fa9", "C 3fa9"]


@pytest.mark.asyncio
async def test_a_phone_for_which_there_is_no_source_waits_until_one_is_free() -> None:
    async with PhoneTransport() as phones:
        _, log, _ = phones.source()
        first = phones.phone("imu-a", "A")
        await until(lambda: log.link is Link.STREAMING)
        phones.phone("imu-b", "B")
        await asyncio.sleep(3)
        assert len(log.whose) == 1
        first.reconnects = False
        first.disconnect()
        await until(lambda: len(log.whose) == 2)
        assert log.whose[1] == ("B 3fa9", "open_imu")
        await until(lambda: log.link is Link.STREAMING)


@pytest.mark.asyncio
async def test_what_cannot_be_read_is_left_out() -> None:
    async with PhoneTransport() as phones:
        source, log, _ = phones.source()
        source.on_message("imu-3fa9", b"nonsense")
        phones.phone()
        await until(lambda: log.link is Link.STREAMING)


@pytest.mark.asyncio
async def test_what_the_sink_raises_comes_out_of_run() -> None:
    async with PhoneTransport() as phones:
        _, log, task = phones.source()
        log.complaint = OSError("no more paper")
        phones.phone()
        with pytest.raises(OSError, match="no more paper"):
            await task

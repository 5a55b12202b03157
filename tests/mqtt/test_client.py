"""A connection, against a broker that does what a test wants."""

from __future__ import annotations

import asyncio
import tracemalloc
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from imurep.errors import ConfigError
from imurep.mqtt.broker_config import BrokerConfig, Tls
from imurep.mqtt.client import LARGEST_BYTES, WAITING, ConnectionLostError, RequestRefusedError, connected
from imurep.mqtt.interfaces import Incoming, Message
from tests.mqtt.fake_broker import PUBLISH, peer, text

if TYPE_CHECKING:
    from pathlib import Path

    from imurep.mqtt.client import Connection
    from tests.mqtt.fake_broker import Talk

pytestmark = pytest.mark.asyncio

WILL = Message(topic="imurep/bridge/state", payload=b"offline", retain=True)
SET = Message(topic="imurep/strap/event/set", payload=b"{}", expiry_s=60, schema="imurep.set/1")
SOON_S = 10.0
"""Much longer than anything takes here; what hangs fails."""


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What has to be noticed at once is not to be noticed by a timeout."""
    monkeypatch.setattr("imurep.mqtt.client.TIMEOUT_S", 1000.0)


def config(port: int) -> BrokerConfig:
    return BrokerConfig(port=port, client_id="imurep-test")


async def drained(connection: Connection, count: int) -> list[Incoming]:
    """The first ``count`` messages that come in."""
    found: list[Incoming] = []
    async with asyncio.timeout(SOON_S):
        async for incoming in connection.incoming():
            found.append(incoming)
            if len(found) == count:
                break
    return found


@pytest.mark.parametrize("code", [1, 0x84], ids=["as 3.1.1 says it", "as 5 says it"])
async def test_a_broker_without_mqtt_5_is_talked_to_in_3_1_1(code: int) -> None:
    async def script(talk: Talk) -> None:
        kind, body = await talk.packet()
        assert kind == 1
        talk.protocol = body[6]
        if talk.protocol == 5:
            talk.send(0x20, bytes([0, code]) if code == 1 else bytes([0, code, 0]))
        else:
            talk.send(0x20, b"\0\0")
        await talk.end()

    async with peer(script) as port, connected(config(port), will=WILL) as connection:
        assert connection.version == "3.1.1"


async def test_mqtt_5_is_tried_first_and_gets_everything() -> None:
    bodies = []

    async def script(talk: Talk) -> None:
        await talk.connect()
        kind, body = await talk.packet()
        assert kind == PUBLISH
        bodies.append(body)
        talk.acknowledge(int.from_bytes(body[2 + len(SET.topic) :][:2], "big"))
        await talk.end()

    async with peer(script) as port, connected(config(port), will=WILL) as connection:
        assert connection.version == "5"
        await connection.publish(SET)
    (body,) = bodies
    assert b"application/json" in body
    assert text(b"schema") + text(b"imurep.set/1") in body
    assert b"\x02\0\0\0\x3c" in body  # message expiry interval


async def test_publishing_ends_at_once_when_the_connection_does() -> None:
    async def script(talk: Talk) -> None:
        await talk.connect()
        await talk.published()

    async with peer(script) as port, connected(config(port), will=WILL) as connection:
        with pytest.raises(ConnectionLostError):
            async with asyncio.timeout(SOON_S):
                await connection.publish(SET)
        with pytest.raises(ConnectionLostError):
            await connection.publish(SET)
        with pytest.raises(ConnectionLostError):
            await drained(connection, 1)
        with pytest.raises(ConnectionLostError):
            await connection.lost()
        connection.publish_nowait(SET)  # goes nowhere, and says nothing


async def test_publishing_ends_when_no_acknowledgement_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("imurep.mqtt.client.TIMEOUT_S", 0.2)

    async def script(talk: Talk) -> None:
        await talk.connect()
        await talk.end()

    async with peer(script) as port, connected(config(port), will=WILL) as connection:
        with pytest.raises(ConnectionLostError, match="no acknowledgement"):
            await connection.publish(SET)


async def test_a_loop_that_runs_faster_gives_the_broker_as_much_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("imurep.mqtt.client.TIMEOUT_S", 0.05)
    monkeypatch.setattr(asyncio.get_running_loop(), "speed", 200.0, raising=False)

    async def script(talk: Talk) -> None:
        await asyncio.sleep(0.2)
        await talk.connect()
        packet = await talk.published()
        await asyncio.sleep(0.2)
        talk.acknowledge(packet)
        await talk.end()

    async with peer(script) as port, connected(config(port), will=WILL) as connection:
        await connection.publish(SET)


async def test_a_refused_publication_reports_it_and_the_next_one_is_made() -> None:
    async def script(talk: Talk) -> None:
        await talk.connect()
        talk.acknowledge(await talk.published(), 0x87)
        talk.acknowledge(await talk.published())
        talk.acknowledge(await talk.published(), 0x10)  # nobody has subscribed, which is no refusal
        await talk.end()

    async with peer(script) as port, connected(config(port), will=WILL) as connection:
        with pytest.raises(RequestRefusedError, match=r"imurep/strap/event/set was refused: Not authorized"):
            await connection.publish(SET)
        await connection.publish(SET)
        await connection.publish(SET)


async def test_a_refused_subscription_reports_it() -> None:
    async def script(talk: Talk) -> None:
        await talk.connect()
        _, body = await talk.packet()
        talk.send(0x90, body[:2] + b"\0" + b"\x87")
        await talk.end()

    async with peer(script) as port, connected(config(port), will=WILL) as connection:
        with pytest.raises(RequestRefusedError, match="subscribing to imurep/"):
            await connection.subscribe("imurep/+/cmd/+")


async def test_a_broker_that_acknowledges_nothing_hears_no_goodbye(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a goodbye it would not publish the will: a dashboard would show the service online for ever."""
    monkeypatch.setattr("imurep.mqtt.client.TIMEOUT_S", 0.2)
    kinds: list[int] = []
    gone = asyncio.Event()

    async def script(talk: Talk) -> None:
        await talk.connect()
        with suppress(asyncio.IncompleteReadError):
            while True:
                kinds.append((await talk.packet())[0])
        gone.set()

    async with peer(script) as port:
        with pytest.raises(ConnectionLostError, match="no acknowledgement"):
            async with connected(config(port), will=WILL) as connection:
                await connection.publish(SET)
        async with asyncio.timeout(SOON_S):
            await gone.wait()
    assert kinds == [PUBLISH]


async def test_a_broker_that_does_not_answer_is_hung_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("imurep.mqtt.client.TIMEOUT_S", 0.2)
    gone = asyncio.Event()

    async def script(talk: Talk) -> None:
        await talk.end()  # no CONNACK
        gone.set()

    async with peer(script) as port:
        with pytest.raises(ConnectionLostError):
            async with connected(config(port), will=WILL):
                pass
        async with asyncio.timeout(SOON_S):
            await gone.wait()


async def test_a_connection_that_nobody_waits_for_any_more_is_hung_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("imurep.mqtt.client.TIMEOUT_S", 0.2)
    begun, gone = asyncio.Event(), asyncio.Event()

    async def script(talk: Talk) -> None:
        begun.set()
        await talk.end()
        gone.set()

    async def connect(port: int) -> None:
        async with connected(config(port), will=WILL):
            pass

    async with peer(script) as port:
        connecting = asyncio.create_task(connect(port))
        await begun.wait()
        connecting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await connecting
        async with asyncio.timeout(SOON_S):
            await gone.wait()


async def test_nobody_there_is_reported_with_what_to_do() -> None:
    async def script(_: Talk) -> None:
        pass

    async with peer(script) as port:
        pass
    with pytest.raises(ConnectionLostError, match=rf"mqtt://127.0.0.1:{port}: .*check that the broker runs"):
        async with connected(config(port), will=WILL):
            pass


async def test_wrong_passwords_are_refused_and_never_repeated() -> None:
    async def script(talk: Talk) -> None:
        await talk.connect(0x86)

    async with peer(script) as port:
        secret = BrokerConfig(port=port, client_id="x", user="ann", password="open sesame")  # noqa: S106 a test's
        assert "sesame" not in repr(secret)
        with pytest.raises(ConnectionLostError) as caught:
            async with connected(secret, will=WILL):
                pass
    assert "Bad user name or password" in str(caught.value)
    assert "sesame" not in f"{caught.value} {caught.value.__cause__!r}"


async def test_what_comes_in_is_handed_on_with_where_to_answer() -> None:
    async def script(talk: Talk) -> None:
        await talk.connect()
        properties = b"\x08" + text(b"answers/here") + b"\x09" + text(b"\x01\x02")
        talk.publish(b"imurep/strap/cmd/load_kg", b"20", properties=properties)
        talk.publish(b"imurep/strap/cmd/load_kg", b"30", qos=1)
        await talk.end()

    async with peer(script) as port, connected(config(port), will=WILL) as connection:
        first, second = await drained(connection, 2)
    assert first == Incoming(
        topic="imurep/strap/cmd/load_kg",
        payload=b"20",
        retain=False,
        response_topic="answers/here",
        correlation=b"\x01\x02",
    )
    assert (second.payload, second.response_topic, second.correlation) == (b"30", None, None)


async def test_garbage_is_dropped_and_the_connection_stays() -> None:
    async def script(talk: Talk) -> None:
        await talk.connect()
        talk.publish(b"imurep/\xff\xfe/cmd/load_kg", b"20")
        talk.publish(b"imurep/strap/cmd/load_kg", b"9" * (LARGEST_BYTES + 1))
        talk.publish(b"imurep/strap/cmd/load_kg", b"\xff\x00")
        await talk.end()

    async with peer(script) as port, connected(config(port), will=WILL) as connection:
        (incoming,) = await drained(connection, 1)
        assert incoming.payload == b"\xff\x00"
        assert connection.dropped == 2


async def test_a_flood_is_dropped_within_bounded_memory() -> None:
    many, size = 4000, 4096

    async def script(talk: Talk) -> None:
        await talk.connect()
        for _ in range(many):
            talk.publish(b"imurep/strap/cmd/load_kg", b"1" * size)
            await talk.drain()
        talk.acknowledge(await talk.published())
        await talk.end()

    async with peer(script) as port, connected(config(port), will=WILL) as connection:
        tracemalloc.start()
        async with asyncio.timeout(60):
            await connection.publish(SET)  # acknowledged behind the flood
        _, peak_bytes = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert connection.dropped == many - WAITING
    assert peak_bytes < 4 * WAITING * size  # of sixteen megabytes


@pytest.mark.parametrize(
    "sends",
    [
        b"\x30" + b"\xff\xff\xff\x7f" + b"x" * 4096,  # a publication of 256 MB begins
        b"\x30\xff\xff\xff\xff\xff\x01",  # no length at all
        b"\xf0\x00",
        b"\x30\x01\x00",
        b"\x20\x02\x00\x00",  # connected once more
        b"\x40\x00",
        bytes(range(256)) * 16,
    ],
    ids=["endless", "no length", "reserved", "cut short", "second CONNACK", "empty PUBACK", "noise"],
)
async def test_who_speaks_no_mqtt_is_left_or_ignored_but_never_believed(sends: bytes) -> None:
    async def script(talk: Talk) -> None:
        await talk.connect()
        talk.raw(sends)
        await talk.drain()

    async with peer(script) as port, connected(config(port), will=WILL) as connection:
        with pytest.raises(ConnectionLostError):
            async with asyncio.timeout(SOON_S):
                await connection.lost()


async def test_messages_that_are_never_released_end_the_connection() -> None:
    async def script(talk: Talk) -> None:
        await talk.connect()
        for number in range(1, 2 * WAITING):
            talk.publish(b"imurep/strap/cmd/load_kg", b"1", qos=2, packet_id=number)
        await talk.end()

    async with peer(script) as port, connected(config(port), will=WILL) as connection:
        with pytest.raises(ConnectionLostError, match="more than imurep accepts"):
            async with asyncio.timeout(SOON_S):
                await connection.lost()


@pytest.mark.parametrize(
    "length", [b"\xff\xff\xff\x7f", b"\x81\x80\x08"], ids=["256 MB", "128 KiB and a byte"]
)
async def test_a_packet_that_is_too_long_ends_the_connection_at_its_header(length: bytes) -> None:
    async def script(talk: Talk) -> None:
        await talk.connect()
        talk.raw(b"\x30" + length)
        await talk.end()

    async with peer(script) as port, connected(config(port), will=WILL) as connection:
        with pytest.raises(ConnectionLostError, match="more than imurep accepts"):
            async with asyncio.timeout(SOON_S):
                await connection.lost()


async def test_unusable_certificates_are_named(tmp_path: Path) -> None:
    missing = tmp_path / "ca.pem"
    with pytest.raises(ConfigError, match=r"mqtt\.ca.*ca\.pem"):
        async with connected(BrokerConfig(client_id="x", tls=Tls(ca=missing)), will=WILL):
            pass
    no_certificate = tmp_path / "other.pem"
    no_certificate.write_text("no certificate", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"other\.pem"):
        async with connected(BrokerConfig(client_id="x", tls=Tls(ca=no_certificate)), will=WILL):
            pass

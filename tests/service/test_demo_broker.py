"""Brokers for trying things."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING

import pytest

from imurep.errors import ConfigError
from imurep.mqtt.broker_config import BrokerConfig
from imurep.mqtt.client import connected
from imurep.mqtt.interfaces import Message
from imurep.service import demo_broker as brokers
from imurep.service.demo_broker import demo_broker

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.asyncio

WILL = Message(topic="imurep/bridge/state", payload=b"offline", retain=True)
KEPT = Message(topic="imurep/kept", payload=b"1", retain=True)


@pytest.fixture(params=["mosquitto", "amqtt"])
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    wanted: str = request.param
    if wanted == "amqtt":
        pytest.importorskip("amqtt", reason="needs imurep[demo]")
        monkeypatch.setattr(brokers, "find_mosquitto", lambda: None)
    elif brokers.find_mosquitto() is None:
        pytest.skip("needs mosquitto, which is not installed")
    return wanted


async def test_it_runs_on_loopback_only_and_ends(tmp_path: Path, kind: str) -> None:
    async with demo_broker(tmp_path) as broker:
        assert broker.kind.startswith(kind)
        assert broker.url == f"mqtt://127.0.0.1:{broker.port}"
        async with connected(
            BrokerConfig(port=broker.port, client_id="x", version=broker.version), will=WILL
        ) as connection:
            assert connection.version == ("5" if kind == "mosquitto" else "3.1.1")
            await connection.publish(KEPT)
            await connection.subscribe("imurep/#")
            async with asyncio.timeout(10):
                async for incoming in connection.incoming():
                    assert (incoming.topic, incoming.payload) == (KEPT.topic, KEPT.payload)
                    break
        elsewhere = socket.gethostbyname(socket.gethostname())
        if not elsewhere.startswith("127."):
            with pytest.raises(OSError, match="refused"):
                await asyncio.open_connection(elsewhere, broker.port)
    with pytest.raises(OSError, match=r"refused|Connect call failed"):
        await asyncio.open_connection("127.0.0.1", broker.port)


async def test_nobody_gets_what_others_subscribed_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("amqtt", reason="needs imurep[demo]")
    monkeypatch.setattr(brokers, "find_mosquitto", lambda: None)
    async with demo_broker(tmp_path) as broker:

        def access(name: str) -> BrokerConfig:
            return BrokerConfig(port=broker.port, client_id=name, version=broker.version)

        async with connected(access("ann"), will=WILL) as ann, connected(access("bob"), will=WILL) as before:
            await ann.publish(KEPT)
            await ann.subscribe("imurep/#")
            await before.publish(Message(topic="bob/own", payload=b"2", retain=True))
            async with connected(access("late"), will=WILL) as late:
                await late.subscribe("bob/#")
                async with asyncio.timeout(10):
                    async for incoming in late.incoming():
                        assert incoming.topic == "bob/own"  # the first that comes, not imurep/kept
                        break


async def test_without_any_it_names_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(brokers, "find_mosquitto", lambda: None)
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(ConfigError, match=r"install mosquitto, or pip install 'imurep\[demo\]'"):
        async with demo_broker(tmp_path):
            pass

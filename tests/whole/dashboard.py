"""An independent MQTT client on paho with a persistent session. It keeps all messages, in order."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from tests.radio.programs import PATIENCE_S

if TYPE_CHECKING:
    from collections.abc import Callable

BRIDGE, INFO = "imurep/bridge/state", "imurep/bridge/info"


class Message(NamedTuple):
    """One message."""

    topic: str
    payload: bytes
    retained: bool
    """Whether the broker kept it from before."""


class Dashboard:
    """Everything below ``imurep/``, from the beginning of the block to its end."""

    def __init__(self, port: int) -> None:
        self.messages: list[Message] = []
        self._news = threading.Condition()
        self._subscribed = threading.Event()
        self._client = paho.Client(
            CallbackAPIVersion.VERSION2, client_id="dashboard", clean_session=False, protocol=paho.MQTTv311
        )
        self._client.reconnect_delay_set(1, 1)
        self._client.on_connect = lambda client, *_: client.subscribe("imurep/#", qos=1)
        self._client.on_subscribe = lambda *_: self._subscribed.set()
        self._client.on_message = self._take
        self._client.connect("127.0.0.1", port, keepalive=5)

    def __enter__(self) -> Self:
        self._client.loop_start()
        assert self._subscribed.wait(PATIENCE_S)
        return self

    def __exit__(self, *_: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def until(self, what: Callable[[], object]) -> None:
        """Wait until something is true of the messages."""
        with self._news:
            assert self._news.wait_for(what, PATIENCE_S), f"waited in vain: {self.messages[-5:]}"

    def until_online(self, times: int) -> None:
        """Wait until the service has reported so many times that it is online."""
        self.until(lambda: self.online() >= times)

    def until_sets(self, sets: int) -> None:
        """Wait for so many sets."""
        self.until(lambda: len(self.sets()) >= sets)

    def count(self, topic: str, payload: bytes) -> int:
        """Number of live messages with this payload on a topic."""
        return sum(one == Message(topic, payload, retained=False) for one in self.messages)

    def online(self) -> int:
        """How often the service has reported that it is online."""
        return self.count(BRIDGE, b"online")

    def problem(self) -> str:
        """The latest problem with its disk that the service reported."""
        infos = [one.payload for one in self.messages if one.topic == INFO]
        return str(json.loads(infos[-1])["problem"])

    def set_events(self) -> list[dict[str, Any]]:
        """Every message about a set."""
        return [json.loads(one.payload) for one in self.messages if one.topic.endswith("/event/set")]

    def sets(self) -> list[dict[str, Any]]:
        """The sets as they stand: of each its highest version, without those that are none."""
        newest: dict[str, dict[str, Any]] = {}
        for one in self.set_events():
            if one["version"] >= newest.setdefault(one["id"], one)["version"]:
                newest[one["id"]] = one
        return [one for one in newest.values() if one["state"] != "withdrawn"]

    def _take(self, _client: paho.Client, _userdata: Any, message: paho.MQTTMessage) -> None:  # noqa: ANN401 the library's signature
        with self._news:
            self.messages.append(Message(message.topic, bytes(message.payload), bool(message.retain)))
            self._news.notify_all()

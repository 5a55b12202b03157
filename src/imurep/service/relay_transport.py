"""The raw topics, between phones that hold sensors and the sources that read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imurep.mqtt.interfaces import Message

if TYPE_CHECKING:
    from collections.abc import Callable

    from imurep.mqtt.interfaces import Incoming
    from imurep.mqtt.publisher import Publisher
    from imurep.mqtt.topics import Topics

EXPIRY_S = 10
"""A message to a phone is repeated with the next record."""


class PublisherTransport:
    """Sends and receives by the publisher's connection (``imurep.sources.relay.RelayTransport``)."""

    def __init__(self, publisher: Publisher, topics: Topics) -> None:
        """Subscribe to the raw topics. To be called before the publisher runs."""
        self._publisher = publisher
        self._topics = topics
        self._received: Callable[[str, bytes], None] | None = None
        publisher.subscribe(topics.raw_ups, self._take)

    def listen(self, received: Callable[[str, bytes], None]) -> None:
        """Call ``received`` with the device and each record that a phone relays."""
        self._received = received

    def send(self, device: str, payload: bytes) -> None:
        """Send to a phone, if the broker is connected."""
        topic = self._topics.raw_down(device)
        self._publisher.publish_nowait(Message(topic=topic, payload=payload, qos=0, expiry_s=EXPIRY_S))

    def _take(self, incoming: Incoming) -> None:
        device = self._topics.parse_raw_up(incoming.topic)
        if device is not None and self._received is not None:
            self._received(device, incoming.payload)

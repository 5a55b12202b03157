"""The raw topics: the way between phones that hold sensors and the sources that read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imurep.mqtt.message import Message

if TYPE_CHECKING:
    from collections.abc import Callable

    from imurep.mqtt.message import Incoming
    from imurep.mqtt.publisher import Publisher
    from imurep.mqtt.topics import Topics

EXPIRY_S = 10
"""What goes down is said again with the next record."""


class RawCarrier:
    """Carries by the publisher's connection (``imurep.sources.relay.RelayTransport``)."""

    def __init__(self, publisher: Publisher, topics: Topics) -> None:
        """Have a part in the publisher's connection, before that is made."""
        self._publisher = publisher
        self._topics = topics
        self._heard: Callable[[str, bytes], None] | None = None
        publisher.hear(topics.raw_ups, self._came)

    def listen(self, heard: Callable[[str, bytes], None]) -> None:
        """Hand on what phones relay."""
        self._heard = heard

    def send(self, device: str, payload: bytes) -> None:
        """Tell a phone, if the broker is there."""
        topic = self._topics.raw_down(device)
        self._publisher.throw(Message(topic=topic, payload=payload, qos=0, expiry_s=EXPIRY_S))

    def _came(self, incoming: Incoming) -> None:
        device = self._topics.parse_raw_up(incoming.topic)
        if device is not None and self._heard is not None:
            self._heard(device, incoming.payload)

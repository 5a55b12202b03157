"""Messages as values, without the library that carries them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What is to be published."""

    topic: str
    payload: bytes
    """Empty, and retained: what was retained there is removed."""
    qos: int = 1
    retain: bool = False
    expiry_s: int | None = None
    """After this many seconds a broker no longer hands it on (MQTT 5 only)."""
    schema: str | None = None
    """What the payload is, such as ``imurep.set/1``; JSON if there is one (MQTT 5 only)."""
    correlation: bytes | None = None
    """In a response: what the question brought (MQTT 5 only)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """What a broker handed on."""

    topic: str
    payload: bytes
    """At most ``imurep.mqtt.client.LARGEST_BYTES``; otherwise as it came, so perhaps no UTF-8."""
    retain: bool
    response_topic: str | None = None
    """Where an answer is expected besides the usual topic (MQTT 5 only)."""
    correlation: bytes | None = None

"""Messages between a phone and the service: bytes to values and back (docs/reference/relay.md)."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from imurep.devices.protocol import Disconnect, Read, Subscribe, Write
from imurep.errors import PacketError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from imurep.devices.protocol import Step

SCHEMA = "imurep.relay/1"
_MAX_NUMBER = 2**53
"""Numbers beyond it are not exact in a browser."""
_MAX_TEXT = 200
"""Length of a text; longer ones are cut off."""


@dataclass(frozen=True, slots=True)
class CharacteristicValue:
    """A notification, or the value of a read."""

    at_us: int
    characteristic: str
    """UUID, lower case, in full length."""
    payload: bytes


@dataclass(frozen=True, slots=True)
class SensorConnected:
    """The sensor is connected to the phone."""

    at_us: int


@dataclass(frozen=True, slots=True)
class SensorDisconnected:
    """The sensor is no longer connected to the phone."""

    at_us: int
    reason: str


@dataclass(frozen=True, slots=True)
class StepDone:
    """A step was carried out."""

    at_us: int
    issuer: str
    step: int


@dataclass(frozen=True, slots=True)
class StepRefused:
    """The sensor refused a step."""

    at_us: int
    issuer: str
    step: int
    problem: str


RecordItem = CharacteristicValue | SensorConnected | SensorDisconnected | StepDone | StepRefused


@dataclass(frozen=True, slots=True)
class RelayedSensor:
    """The sensor as the phone describes it."""

    name: str
    tag: str
    """A few letters and digits that keep it apart from others of its name."""
    services: frozenset[str]

    @property
    def label(self) -> str:
        """Its name for people."""
        return f"{self.name} {self.tag}".strip() or "sensor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What the phone recorded in a short time; times are on the phone's clock."""

    session: str
    """Id within which the phone numbers its records."""
    number: int
    """From 1."""
    oldest: int
    """Number of the first record that the phone still has; those before were acknowledged, or are lost."""
    sensor: RelayedSensor
    is_up: bool
    """Whether the sensor was connected when the record begins."""
    turn: int
    """How often the open steps became void before: by link up, link down or a refused step."""
    items: tuple[RecordItem, ...]
    at_us: int
    """End of the record; nothing was received between the last item and this."""
    sent_us: int


def parse_record(payload: bytes) -> Record:
    """Parse a message of a phone. Raises PacketError for anything that is no record."""
    try:
        message = json.loads(payload)
        if message["schema"] != SCHEMA:
            msg = f"the page uses {message['schema']!r:.40}, not {SCHEMA}; reload it"
            raise PacketError(msg)
        sensor = message["sensor"]
        return Record(
            session=_text(message["session"]),
            number=_count(message["number"]),
            oldest=_count(message["oldest"]),
            sensor=RelayedSensor(
                _text(sensor["name"]),
                _text(sensor["tag"]),
                frozenset(_text(service).lower() for service in sensor["services"]),
            ),
            is_up=message["up"] is True,
            turn=_count(message["turn"]),
            items=tuple(_item(item) for item in message["items"]),
            at_us=_count(message["at_us"]),
            sent_us=_count(message["sent_us"]),
        )
    except (KeyError, TypeError, ValueError, RecursionError, binascii.Error) as error:
        msg = f"no record of a relay: {error!r:.80}"
        raise PacketError(msg) from error


def _item(message: Mapping[str, Any]) -> RecordItem:
    return _ITEMS[message["what"]](message, _count(message["at_us"]))


_ITEMS: dict[str, Callable[[Mapping[str, Any], int], RecordItem]] = {
    "value": lambda message, at_us: CharacteristicValue(
        at_us, _text(message["characteristic"]).lower(), base64.b64decode(message["value"], validate=True)
    ),
    "up": lambda _, at_us: SensorConnected(at_us),
    "down": lambda message, at_us: SensorDisconnected(at_us, _text(message["reason"])),
    "done": lambda message, at_us: StepDone(at_us, _text(message["voice"]), _count(message["step"])),
    "refused": lambda message, at_us: StepRefused(
        at_us, _text(message["voice"]), _count(message["step"]), _text(message["problem"])
    ),
}


def _text(value: object) -> str:
    if not isinstance(value, str):
        msg = "not a text"
        raise TypeError(msg)
    value.encode()  # JSON can hold half of a character, which no file and no database takes
    return value[:_MAX_TEXT]


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < _MAX_NUMBER:
        msg = "not a number in range"
        raise TypeError(msg)
    return value


def encode_answer(
    *,
    session: str,
    next_number: int,
    issuer: str,
    turn: int,
    link: str,
    detail: str,
    steps: Sequence[tuple[int, Step]],
    channels: Mapping[str, str],
) -> bytes:
    """Encode a message to a phone.

    Args:
        session: Session of the record that is answered.
        next_number: Number of the next record; all before it have been received.
        issuer: Id of the program that numbers the steps.
        turn: Turn in which the steps are valid.
        link: State of the sensor, a value of ``events.Link``.
        detail: What is wrong with the sensor; empty for nothing.
        steps: Open steps, in order, with their numbers.
        channels: UUIDs by channel.
    """
    message = {
        "schema": SCHEMA,
        "session": session,
        "wanted": next_number,
        "voice": issuer,
        "turn": turn,
        "link": link,
        "detail": detail,
        "steps": [{"step": number, **_step(step, channels)} for number, step in steps],
    }
    return json.dumps(message, separators=(",", ":")).encode()


def _step(step: Step, channels: Mapping[str, str]) -> dict[str, object]:
    match step:
        case Subscribe(channel):
            return {"do": "subscribe", "characteristic": channels[channel]}
        case Read(channel):
            return {"do": "read", "characteristic": channels[channel]}
        case Write(channel, payload, response):
            value = base64.b64encode(payload).decode()
            return {
                "do": "write",
                "characteristic": channels[channel],
                "value": value,
                "response": response,
            }
        case Disconnect(problem, again):
            return {"do": "hang_up", "problem": problem, "again": again}

"""What a phone and the service say to each other: bytes to values and back (docs/reference/relay.md)."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from imurep.devices.protocol import HangUp, Read, Subscribe, Write
from imurep.errors import PacketError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from imurep.devices.protocol import Step

SCHEMA = "imurep.relay/1"
_MOST = 2**53
"""Numbers beyond it are not exact in a browser."""
_LONGEST = 200
"""Of a text; what is longer is cut off."""


@dataclass(frozen=True, slots=True)
class Value:
    """The sensor notified, or was read."""

    at_us: int
    characteristic: str
    """UUID, lower case, in full length."""
    payload: bytes


@dataclass(frozen=True, slots=True)
class Up:
    """The sensor is connected to the phone."""

    at_us: int


@dataclass(frozen=True, slots=True)
class Down:
    """It is not any more."""

    at_us: int
    reason: str


@dataclass(frozen=True, slots=True)
class Done:
    """A step was carried out."""

    at_us: int
    voice: str
    step: int


@dataclass(frozen=True, slots=True)
class Refused:
    """The sensor refused a step."""

    at_us: int
    voice: str
    step: int
    problem: str


Item = Value | Up | Down | Done | Refused


@dataclass(frozen=True, slots=True)
class Sensor:
    """What the phone knows of the sensor."""

    name: str
    tag: str
    """A few letters and digits that keep it apart from others of its name."""
    services: frozenset[str]

    @property
    def label(self) -> str:
        """What people call it."""
        return f"{self.name} {self.tag}".strip() or "sensor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What the phone noted in a short time; times are on the phone's clock."""

    session: str
    """Records are numbered within it."""
    number: int
    """From 1."""
    oldest: int
    """The first that the phone still has; all before were acknowledged, or are lost."""
    sensor: Sensor
    is_up: bool
    """Whether the sensor was connected when the record begins."""
    turn: int
    """How often, until then, what was asked for became void: link up, link down, a step refused."""
    items: tuple[Item, ...]
    at_us: int
    """When it ends; nothing came since the last item."""
    sent_us: int


def parse_record(payload: bytes) -> Record:
    """Read what came up. Raises PacketError for anything that is no record."""
    try:
        told = json.loads(payload)
        if told["schema"] != SCHEMA:
            msg = f"the page speaks {told['schema']!r:.40}, not {SCHEMA}; reload it"
            raise PacketError(msg)
        sensor = told["sensor"]
        return Record(
            session=_text(told["session"]),
            number=_count(told["number"]),
            oldest=_count(told["oldest"]),
            sensor=Sensor(
                _text(sensor["name"]),
                _text(sensor["tag"]),
                frozenset(_text(service).lower() for service in sensor["services"]),
            ),
            is_up=told["up"] is True,
            turn=_count(told["turn"]),
            items=tuple(_item(item) for item in told["items"]),
            at_us=_count(told["at_us"]),
            sent_us=_count(told["sent_us"]),
        )
    except (KeyError, TypeError, ValueError, RecursionError, binascii.Error) as error:
        msg = f"no record of a relay: {error!r:.80}"
        raise PacketError(msg) from error


def _item(told: Mapping[str, Any]) -> Item:
    return _ITEMS[told["what"]](told, _count(told["at_us"]))


_ITEMS: dict[str, Callable[[Mapping[str, Any], int], Item]] = {
    "value": lambda told, at_us: Value(
        at_us, _text(told["characteristic"]).lower(), base64.b64decode(told["value"], validate=True)
    ),
    "up": lambda _, at_us: Up(at_us),
    "down": lambda told, at_us: Down(at_us, _text(told["reason"])),
    "done": lambda told, at_us: Done(at_us, _text(told["voice"]), _count(told["step"])),
    "refused": lambda told, at_us: Refused(
        at_us, _text(told["voice"]), _count(told["step"]), _text(told["problem"])
    ),
}


def _text(value: object) -> str:
    if not isinstance(value, str):
        msg = "a text is something else"
        raise TypeError(msg)
    return value[:_LONGEST]


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < _MOST:
        msg = "a number is something else"
        raise TypeError(msg)
    return value


def answer(
    *,
    session: str,
    wanted: int,
    voice: str,
    turn: int,
    link: str,
    detail: str,
    steps: Sequence[tuple[int, Step]],
    channels: Mapping[str, str],
) -> bytes:
    """Write what goes down.

    Args:
        session: Of the record that is answered.
        wanted: Number of the record that is waited for: all before it are here.
        voice: Who numbers the steps.
        turn: The steps are void in any other.
        link: How the service sees the sensor, in the words of ``model.Link``,
        detail: and what is wrong with it.
        steps: What is still to be done, in order, with their numbers.
        channels: UUIDs by channel.
    """
    told = {
        "schema": SCHEMA,
        "session": session,
        "wanted": wanted,
        "voice": voice,
        "turn": turn,
        "link": link,
        "detail": detail,
        "steps": [{"step": number, **_step(step, channels)} for number, step in steps],
    }
    return json.dumps(told, separators=(",", ":")).encode()


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
        case HangUp(problem, again):
            return {"do": "hang_up", "problem": problem, "again": again}

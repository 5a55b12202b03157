"""Names of all topics (docs/reference/mqtt.md)."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass

_ONE_NAME = re.compile(r"[\s:_./-]+")
"""Names hardly differ in these alone, so a dash replaces each."""

BRIDGE = "bridge"
"""The service itself, beside its sensors."""


def device_id(sensor: str) -> str:
    """Name a sensor in topics: ``[a-z0-9-]``, the same each time.

    A name of other letters than these gets a few digits that keep it apart from
    others which look the same without them.
    """
    plain = _ONE_NAME.sub("-", unicodedata.normalize("NFC", sensor).casefold()).strip("-")
    slug = re.sub(r"[^a-z0-9-]+", "-", plain).strip("-")
    if slug == plain and slug not in {"", BRIDGE}:
        return slug
    digits = hashlib.sha256(plain.encode()).hexdigest()[:6]
    return f"{slug}-{digits}" if slug else digits


def is_below(topic_filter: str, topic: str) -> bool:
    """Whether a filter, with ``+`` for any one level, matches a topic."""
    wanted, given = topic_filter.split("/"), topic.split("/")
    return len(wanted) == len(given) and all(w in {"+", g} for w, g in zip(wanted, given, strict=True))


@dataclass(frozen=True, slots=True)
class Topics:
    """All topics of one instance, below its ``root``; ``dev`` is a ``device_id``."""

    root: str = "imurep"

    @property
    def bridge_state(self) -> str:
        """Whether the service is online; also the topic of its last will."""
        return f"{self.root}/{BRIDGE}/state"

    @property
    def bridge_info(self) -> str:
        """The service's version and sensors."""
        return f"{self.root}/{BRIDGE}/info"

    def availability(self, dev: str) -> str:
        """Whether the sensor's samples arrive."""
        return f"{self.root}/{dev}/availability"

    def state(self, dev: str) -> str:
        """The present state of a sensor."""
        return f"{self.root}/{dev}/state"

    def config(self, dev: str) -> str:
        """The plan of a sensor."""
        return f"{self.root}/{dev}/config"

    def rep_event(self, dev: str) -> str:
        """Each event of each rep."""
        return f"{self.root}/{dev}/event/rep"

    def set_event(self, dev: str) -> str:
        """Each set, once finished."""
        return f"{self.root}/{dev}/event/set"

    def last_set(self, dev: str) -> str:
        """The newest set, retained for dashboards that join late."""
        return f"{self.root}/{dev}/last_set"

    @property
    def commands(self) -> str:
        """All commands to all sensors, to subscribe to."""
        return f"{self.root}/+/cmd/+"

    def command(self, dev: str, name: str) -> str:
        """One command to one sensor."""
        return f"{self.root}/{dev}/cmd/{name}"

    def parse_command(self, topic: str) -> tuple[str, str] | None:
        """Device and name of a command's topic; None for any other topic."""
        dev, between, name = topic.removeprefix(f"{self.root}/").partition("/cmd/")
        is_one = bool(between and dev and name) and "/" not in dev + name
        return (dev, name) if is_one and topic == self.command(dev, name) else None

    def response(self, dev: str, name: str) -> str:
        """The answer to a command."""
        return f"{self.root}/{dev}/response/{name}"

    def raw_up(self, dev: str) -> str:
        """Records that a phone relays from the sensor."""
        return f"{self.root}/{dev}/raw/up"

    @property
    def raw_ups(self) -> str:
        """Records that all phones relay, to subscribe to."""
        return f"{self.root}/+/raw/up"

    def parse_raw_up(self, topic: str) -> str | None:
        """Device of a topic on which a phone relays; None for any other topic."""
        dev = topic.removeprefix(f"{self.root}/").removesuffix("/raw/up")
        return dev if dev and "/" not in dev and topic == self.raw_up(dev) else None

    def raw_down(self, dev: str) -> str:
        """Records for the phone that holds the sensor."""
        return f"{self.root}/{dev}/raw/down"

    def retained(self, dev: str) -> tuple[str, ...]:
        """All topics of a sensor with retained messages."""
        return self.availability(dev), self.state(dev), self.config(dev), self.last_set(dev)

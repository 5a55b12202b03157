"""Collects a broker's imurep topics for a terminal. Other topics and payloads are left out."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from rich.text import Text

from imurep.exercises import UNKNOWN as NO_EXERCISE
from imurep.exercises import title_of
from imurep.formatting.labels import UNKNOWN, tempo_text

if TYPE_CHECKING:
    from imurep.mqtt.interfaces import Incoming

MOST_SENSORS = 50
_STYLES = {"streaming": "green", "lost": "bold red", "searching": "yellow", "connecting": "yellow"}


class Watched:
    """The newest of each topic, and what is worth a line."""

    def __init__(self, root: str) -> None:
        """Begin with nothing."""
        self._root = root
        self._bridge = "not seen yet"
        self._problem = ""
        self._states: dict[str, dict[str, Any]] = {}
        self._there: dict[str, str] = {}

    def take(self, incoming: Incoming) -> str | None:
        """Take a message; gives a line for what happened, or None."""
        path = incoming.topic.removeprefix(f"{self._root}/").split("/")
        text = incoming.payload.decode(errors="replace")
        match path:
            case ["bridge", "state"]:
                self._bridge = text[:20]
            case ["bridge", "info"]:
                self._problem = _text(_fields(text), "problem")
            case [dev, "availability"]:
                self._keep(self._there, dev, text)
            case [dev, "state"]:
                self._keep(self._states, dev, _fields(text))
            case [_, "event", "set"] if not incoming.retain:
                return _set_line(_fields(text))
            case [_, "event", "rep"] if not incoming.retain:
                return _rep_line(_fields(text))
            case [dev, "response", command]:
                fields = _fields(text)
                return f"{dev} {command}: {_text(fields, 'error') or _text(fields, 'status')}"
        return None

    def text(self) -> Text:
        """How things stand, for the bottom of a terminal."""
        made = Text(no_wrap=True, overflow="ellipsis")
        made.append(f"service {self._bridge}", style="green" if self._bridge == "online" else "bold red")
        if self._problem:
            made.append(f"\n  {self._problem}", style="yellow")
        for dev in sorted(self._states):
            made.append("\n").append(self._sensor(dev, self._states[dev]))
        return made

    def _sensor(self, dev: str, state: dict[str, Any]) -> Text:
        link = _text(state, "link") if self._bridge == "online" else "not known"
        made = Text("● ", style=_STYLES.get(link, "dim"))
        made.append(_text(state, "sensor") or dev, style="bold").append(f"  {link}", style="default")
        for key, unit in (("battery_percent", " % battery"), ("rssi_dbm", " dBm")):
            if isinstance(state.get(key), int):
                made.append(f"  {state[key]}{unit}", style="default")
        if _text(state, "detail"):
            made.append(f"\n  {_text(state, 'detail')}", style="yellow")
        counted = f"\n  {_number(state, 'repetitions')} reps"
        made.append(counted, style="bold" if state.get("set_running") else "default")
        made.append(f"   {_text(state, 'tempo') or UNKNOWN}", style="default")
        if _text(state, "phase"):
            made.append(f"   {_text(state, 'phase').replace('_', ' ')}", style="default")
        today = f"{_number(state, 'sets_today')} sets, {_number(state, 'repetitions_today')} reps"
        return made.append(f"   today {today}", style="default")

    def _keep(self, of: dict[str, Any], dev: str, value: object) -> None:
        if value and (dev in of or len(of) < MOST_SENSORS):
            of[dev] = value
        elif not value:
            of.pop(dev, None)  # removed, as `imurep forget` does


def _set_line(fields: dict[str, Any]) -> str | None:
    kind = _text(fields, "event_type")
    if not kind.startswith("set_"):
        return None
    tempo = fields.get("tempo")
    seconds = [
        _seconds(tempo, name) for name in ("eccentric_s", "bottom_hold_s", "concentric_s", "top_hold_s")
    ]
    exercise = _text(fields, "exercise")
    named = "a set" if exercise in {"", NO_EXERCISE} else title_of(exercise)
    load_kg = _seconds(fields, "load_kg")
    load = f", {load_kg:g} kg" if load_kg else ""
    line = f"{_clock(_text(fields, 'ended'))}  {named}: {_number(fields, 'repetitions')} reps{load}"
    line += f", tempo {tempo_text((seconds[0], seconds[1], seconds[2], seconds[3]))}"
    return line if kind == "set_finished" else f"{line} ({kind.removeprefix('set_')})"


def _rep_line(fields: dict[str, Any]) -> str | None:
    # Once each: the final event, and not the one that adds how long it was held.
    if _text(fields, "state") != "provisional" or fields.get("version") != 1:
        return None
    return f"rep {_number(fields, 'number')}"


def _fields(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _text(fields: dict[str, Any], key: str) -> str:
    value = fields.get(key)
    return value[:200] if isinstance(value, str) else ""


def _number(fields: dict[str, Any], key: str) -> str:
    value = fields.get(key)
    return str(value) if isinstance(value, int) else UNKNOWN


def _seconds(fields: object, key: str) -> float | None:
    value = fields.get(key) if isinstance(fields, dict) else None
    return value if isinstance(value, (int, float)) else None


def _clock(utc: str) -> str:
    try:
        return f"{datetime.fromisoformat(utc).astimezone():%H:%M:%S}"
    except (ValueError, OverflowError):
        return UNKNOWN

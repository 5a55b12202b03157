"""Reads our own format, JSON lines: docs/reference/recording-format.md."""

from __future__ import annotations

import binascii
import json
from datetime import datetime
from typing import TYPE_CHECKING, BinaryIO

from imurep.errors import ConfigError
from imurep.events import Boundary, Instruction, LinkEvent, Notification
from imurep.exercises import exercise_named
from imurep.recording.recording import Header, Recording

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FORMAT = "imurep-recording"
VERSION = 1

LINE_LIMIT = 1 << 20
"""A GATT payload has 512 bytes at most, so a longer line is not of this format."""
_TIME_LIMIT_US = 1 << 62


class JsonlRecording(Recording):
    """A recording in our own format: notifications, link events and instructions.

    A last line that was cut off, by a full disk or a power cut, is ignored, and so
    is a cut-off end of the gzip data. Any other
    malformed line is a RecordingError that names it.
    """

    def __init__(self, path: str | Path) -> None:
        super().__init__(path)
        with self._bytes() as stream:
            line = stream.readline(LINE_LIMIT)
        if not line.endswith(b"\n"):
            what = "the header is cut off, so nothing was recorded"
            raise self._error(what, 1)
        try:
            self.header = _header(_parsed(line))
        except ValueError as error:
            raise self._error(str(error), 1) from error

    def __iter__(self) -> Iterator[Notification | LinkEvent | Instruction]:
        with self._bytes() as stream:
            stream.readline(LINE_LIMIT)
            for number, line in enumerate(_lines(stream), start=2):
                if line.isspace():
                    continue
                try:
                    item = _item(_parsed(line))
                except ValueError as error:
                    if not line.endswith(b"\n") and len(line) < LINE_LIMIT:
                        break  # cut off while it was written
                    what = f"{error}; delete the line to go on without it"
                    raise self._error(what, number) from error
                if item is not None:
                    yield item
        self._finished()


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    """Lines up to the end, or to where the gzip data were cut off."""
    while True:
        try:
            line = stream.readline(LINE_LIMIT)
        except EOFError:
            return
        if not line:
            return
        yield line


def _parsed(line: bytes) -> dict[str, object]:
    try:
        value = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        msg = "this is not a line of JSON"
        raise ValueError(msg) from error
    if not isinstance(value, dict):
        msg = "this is not a JSON object"
        raise ValueError(msg)  # noqa: TRY004 - the value is the file's, not the caller's
    return value


def _header(line: dict[str, object]) -> Header:
    if line.get("format") != FORMAT:
        msg = f'this is not an imurep recording (its header has no "format": "{FORMAT}")'
        raise ValueError(msg)
    if line.get("version") != VERSION:
        msg = f"version {line.get('version')!r} of the format is unknown, only {VERSION} is; update imurep"
        raise ValueError(msg)
    utc = line.get("utc")
    return Header(
        session=_text(line, "session"),
        sensor=_text(line, "sensor"),
        protocol=_text(line, "protocol"),
        utc=None if utc is None else _instant(utc),
    )


def _instant(value: object) -> datetime:
    try:
        instant = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        msg = f'"utc" is {value!r}; it has to be null or like "2025-01-31T17:00:00Z"'
        raise ValueError(msg)
    return instant


def _item(line: dict[str, object]) -> Notification | LinkEvent | Instruction | None:
    """One line as a value; None for a kind of line that this version does not know."""
    if not line.keys() & {"channel", "link", "told"}:
        return None
    t_us = line.get("t_us")
    if not isinstance(t_us, int) or isinstance(t_us, bool) or abs(t_us) >= _TIME_LIMIT_US:
        msg = f'"t_us" is {t_us!r}; it has to be whole microseconds'
        raise ValueError(msg)
    if "channel" in line:
        return Notification(t_us, _text(line, "channel"), _payload(line))
    if "told" in line:
        return _instruction(t_us, line["told"])
    if line["link"] not in ("up", "down"):  # a tuple: a list cannot be looked up in a set
        msg = f'"link" is {line["link"]!r}; it has to be "up" or "down"'
        raise ValueError(msg)
    reason = _text(line, "reason") if "reason" in line else ""
    return LinkEvent(t_us, up=line["link"] == "up", reason=reason)


def _instruction(t_us: int, value: object) -> Instruction:
    if not isinstance(value, dict):
        msg = f'"told" is {value!r}; it has to be an object'
        raise ValueError(msg)  # noqa: TRY004 - the value is the file's, not the caller's
    exercise, boundary = (_text(value, key) if key in value else None for key in ("exercise", "set"))
    try:
        if exercise is not None:
            exercise_named(exercise)
    except ConfigError as error:
        raise ValueError(str(error)) from error
    if boundary not in (None, *Boundary):
        msg = f'"set" is {boundary!r}; it has to be "start" or "finish"'
        raise ValueError(msg)
    recent = value.get("recent")
    if recent is not None and not (isinstance(recent, list) and all(isinstance(one, str) for one in recent)):
        msg = f'"recent" is {recent!r}; it has to be a list of exercises'
        raise ValueError(msg)
    return Instruction(
        t_us,
        exercise,
        None if boundary is None else Boundary(boundary),
        None if recent is None else tuple(recent),
    )


def _payload(line: dict[str, object]) -> bytes:
    try:
        if "hex" in line:
            return bytes.fromhex(_text(line, "hex"))
        return binascii.a2b_base64(_text(line, "base64"), strict_mode=True)
    except ValueError as error:
        msg = 'the payload has to be in "hex" or in "base64"'
        raise ValueError(msg) from error


def _text(line: dict[str, object], key: str) -> str:
    value = line.get(key)
    if not isinstance(value, str):
        msg = f'"{key}" is missing' if value is None else f'"{key}" is {value!r}; it has to be text'
        raise ValueError(msg)  # noqa: TRY004 - the value is the file's, not the caller's
    return value

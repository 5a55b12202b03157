"""Writes our own format: docs/reference/recording-format.md."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Self

from imurep.errors import RecordingError
from imurep.events import Instruction, LinkEvent, Notification
from imurep.recording.jsonl import FORMAT, LINE_LIMIT, VERSION

if TYPE_CHECKING:
    from types import TracebackType

    from imurep.recording.recording import Header


class RecordingWriter:
    """Writes a recording, a line per item; each line is passed to the system at once.

    A path that ends in ``.gz`` is gzipped. That file is readable up to its last line
    at every moment, but is larger than after gzip over the whole file. Raises
    RecordingError when a new file exists already, or when it cannot be written.
    """

    def __init__(self, path: str | Path, header: Header | None) -> None:
        """Begin with ``header``; without one, append to what a killed program left (not gzipped)."""
        self.path = Path(path)
        try:
            self._file = self.path.open("xb" if header else "r+b")
            if header is None:
                self._drop_cut_off_line()
        except FileExistsError as error:
            msg = f"{self.path}: exists already; choose another name"
            raise RecordingError(msg) from error
        except (OSError, ValueError) as error:
            raise self._error(error) from error
        # No name and no time in gzip's own header, so that a file given away holds nothing but the recording.
        self._stream = (
            gzip.GzipFile(filename="", fileobj=self._file, mode="wb", mtime=0)
            if path_is_gzip(self.path)
            else self._file
        )
        if header is not None:
            self._write(
                {
                    "format": FORMAT,
                    "version": VERSION,
                    "session": header.session,
                    "sensor": header.sensor,
                    "protocol": header.protocol,
                    "utc": None if header.utc is None else header.utc.isoformat(),
                }
            )

    def write(self, item: Notification | LinkEvent | Instruction) -> None:
        """Append one item. Raises RecordingError when it cannot be written."""
        match item:
            case Notification(arrival_us, channel, payload):
                self._write({"t_us": arrival_us, "channel": channel, "hex": payload.hex()})
            case LinkEvent(arrival_us, up, reason):
                self._write({"t_us": arrival_us, "link": "up" if up else "down", "reason": reason})
            case Instruction(arrival_us, exercise, boundary, recent_exercises):
                values = {"exercise": exercise, "set": boundary, "recent": recent_exercises}
                self._write({"t_us": arrival_us, "told": {k: v for k, v in values.items() if v is not None}})

    def close(self) -> None:
        """Finish the file."""
        try:
            self._stream.close()
            self._file.close()
        except OSError as error:
            raise self._error(error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _drop_cut_off_line(self) -> None:
        end = self._file.seek(0, os.SEEK_END)
        begin = self._file.seek(max(0, end - LINE_LIMIT))
        self._file.seek(begin + self._file.read().rfind(b"\n") + 1)
        self._file.truncate()

    def _write(self, line: dict[str, object]) -> None:
        try:
            self._stream.write(json.dumps(line, separators=(",", ":")).encode() + b"\n")
            self._stream.flush()
            self._file.flush()
        except (OSError, ValueError) as error:
            raise self._error(error) from error

    def _error(self, error: Exception) -> RecordingError:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        return RecordingError(f"{self.path}: cannot be written: {reason}; choose another place")


def path_is_gzip(path: Path) -> bool:
    """Whether a new file of this name is to be gzipped."""
    return path.suffix.lower() == ".gz"

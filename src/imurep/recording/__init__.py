"""Recordings: our own JSON lines, and CSV of other loggers (docs/reference/recording-format.md)."""

from __future__ import annotations

from pathlib import Path

from imurep.errors import RecordingError
from imurep.recording.csvfile import CsvRecording
from imurep.recording.jsonl import JsonlRecording
from imurep.recording.recording import Header, Recording, RecordingItem, opened
from imurep.recording.writer import RecordingWriter

__all__ = ["Header", "Recording", "RecordingItem", "RecordingWriter", "open_recording"]

_BOM = b"\xef\xbb\xbf"


def open_recording(path: str | Path) -> Recording:
    """Open a recording of either format, gzipped or not; the content decides, not the name.

    Reads only the header. Raises RecordingError when there is none.
    """
    path = Path(path)
    with opened(path) as (_, unpacked):
        start = unpacked.readline(4096)
    if not start:
        msg = f"{path}: the file is empty; record again"
        raise RecordingError(msg)
    if start.removeprefix(_BOM).lstrip().startswith(b"{"):
        return JsonlRecording(path)
    return CsvRecording(path)

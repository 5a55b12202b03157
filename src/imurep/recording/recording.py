"""The interface of a recording - a header, and items in order - and how its file is opened."""

from __future__ import annotations

import gzip
import os
import zlib
from abc import ABC, abstractmethod
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from imurep.errors import RecordingError
from imurep.events import Instruction, LinkEvent, Notification, Packet

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

RecordingItem = Notification | LinkEvent | Instruction | Packet
"""What a recording holds; packets only come from CSV."""

GZIP_MAGIC = b"\x1f\x8b"


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """Session, sensor and protocol of a recording."""

    session: str
    """Id of the session: the root of the ids of all its events."""
    sensor: str
    """Name or address of the sensor."""
    protocol: str
    """Name of the protocol in files (``imurep.devices.kind``); ``csv`` where nothing is to be decoded."""
    utc: datetime | None = None
    """Wall clock time at arrival zero, with its time zone."""


class Recording(ABC):
    """One recording; each iteration reads its file from the start, a piece at a time.

    Iterating raises RecordingError, and no other exception, for whatever the file holds.
    """

    header: Header
    """Session, sensor and protocol, read when the file was opened."""

    def __init__(self, path: str | Path) -> None:
        self.path: Path = Path(path)
        """The file."""
        self._file: BinaryIO | None = None
        self._size = 1
        self._progress = 0.0

    @abstractmethod
    def __iter__(self) -> Iterator[RecordingItem]: ...

    @property
    def progress(self) -> float:
        """Part of the file's bytes read so far by the newest iteration, 0 to 1."""
        if self._file is not None and not self._file.closed:
            self._progress = min(1.0, self._file.tell() / self._size)
        return self._progress

    @contextmanager
    def _bytes(self) -> Iterator[BinaryIO]:
        """Open the file, unpacked; exceptions of the system become RecordingError."""
        with opened(self.path) as (file, unpacked):
            self._file = file
            self._size = max(1, os.fstat(file.fileno()).st_size)
            self._progress = 0.0
            yield unpacked

    def _finished(self) -> None:
        """Record that an iteration reached the end."""
        self._file = None
        self._progress = 1.0

    def _error(self, what: str, line: int | None = None) -> RecordingError:
        where = self.path if line is None else f"{self.path}, line {line}"
        return RecordingError(f"{where}: {what}")


@contextmanager
def opened(path: Path) -> Iterator[tuple[BinaryIO, BinaryIO]]:
    """Open for reading; give the file itself, for its position, and its unpacked content.

    Raises RecordingError for errors of the operating system or of gzip, also in the body.
    """
    try:
        with path.open("rb") as file:
            packed = file.read(2) == GZIP_MAGIC
            file.seek(0)
            if packed:
                with gzip.open(file) as unpacked:
                    yield file, cast("BinaryIO", unpacked)
            else:
                yield file, file
    except EOFError as error:
        msg = f"{path}: its gzip data end too early; copy or download the file again"
        raise RecordingError(msg) from error
    except (gzip.BadGzipFile, zlib.error) as error:
        msg = f"{path}: its gzip data are damaged ({error}); copy or download the file again"
        raise RecordingError(msg) from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        msg = f"{path}: cannot be read: {reason}; give a recording or a CSV file"
        raise RecordingError(msg) from error

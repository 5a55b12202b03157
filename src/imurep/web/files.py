"""The files of the page, as they are sent: in memory, compressed once."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE / "page"
VENDOR = HERE / "vendor"
INDEX = "index.html"

_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".txt": "text/plain; charset=utf-8",
}
_PACKED_ALREADY = {".png"}


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file and how it is sent."""

    content_type: str
    body: bytes
    packed: bytes | None
    """Compressed with gzip; None where that does not help."""
    etag: str


def file_of(name: str, body: bytes) -> File:
    """Prepare what is sent under a name."""
    suffix = Path(name).suffix
    return File(
        content_type=_TYPES[suffix],
        body=body,
        packed=None if suffix in _PACKED_ALREADY else gzip.compress(body, mtime=0),
        etag=hashlib.sha256(body).hexdigest()[:32],
    )


def page_files() -> dict[str, File]:
    """All files of the page by their path below ``/``; nothing else can be asked for."""
    found = {}
    for folder, below in ((PAGE, ""), (VENDOR, "vendor/")):
        for path in sorted(folder.rglob("*")):
            if path.suffix in _TYPES:
                name = below + path.relative_to(folder).as_posix()
                found[name] = file_of(name, path.read_bytes())
    found[""] = found.pop(INDEX)
    return found

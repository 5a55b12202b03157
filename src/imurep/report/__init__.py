"""A picture of a counted recording, which shows a person whether the count is right."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from imurep.errors import ConfigError, RecordingError
from imurep.report.view import SessionView

__all__ = ["SessionView", "check_output", "write_report"]

SUFFIXES = (".html", ".png")


def check_output(out: str | Path) -> None:
    """Check, before long work, that a report can be made; the suffix of ``out`` gives the kind.

    Raises ConfigError for another suffix or without matplotlib.
    """
    if Path(out).suffix not in SUFFIXES:
        msg = f"{out}: a report is {' or '.join(SUFFIXES)}; give a name with this ending"
        raise ConfigError(msg)
    if find_spec("matplotlib") is None:
        msg = "a report needs matplotlib; run: pip install 'imurep[report]'"
        raise ConfigError(msg)


def write_report(view: SessionView, out: str | Path) -> None:
    """Draw a counted recording and write the report.

    Raises ConfigError as ``check_output`` does, RecordingError when the report cannot be written.
    """
    check_output(out)
    from imurep.report import page, picture  # noqa: PLC0415 they need matplotlib, an extra

    out = Path(out)
    content = page.html(view).encode() if out.suffix == ".html" else picture.png(view)
    try:
        out.write_bytes(content)
    except OSError as error:
        msg = f"{out}: cannot be written: {error.strerror}"
        raise RecordingError(msg) from error

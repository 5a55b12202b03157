"""A picture of a recording from which a person sees whether the counter is right."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from imurep.errors import ConfigError, RecordingError
from imurep.report.view import SessionView, view_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

__all__ = ["SessionView", "view_of", "write_report"]

SUFFIXES = (".html", ".png")


def write_report(
    recording: str | Path,
    out: str | Path,
    *,
    exercise: str | None = None,
    min_reps: int = 3,
    last_time: Collection[str] = (),
    lines_deg: Mapping[str, float] | None = None,
) -> SessionView:
    """Count a recording and write its report; the suffix of ``out`` says which kind.

    ``lines_deg`` has the person's straight lines, by exercise.

    Raises ConfigError for another suffix or without matplotlib, RecordingError
    when the recording cannot be read or the report not be written.
    """
    out = Path(out)
    if out.suffix not in SUFFIXES:
        msg = f"{out}: a report is {' or '.join(SUFFIXES)}; give a name that ends so"
        raise ConfigError(msg)
    if find_spec("matplotlib") is None:
        msg = "a report needs matplotlib; run: pip install 'imurep[report]'"
        raise ConfigError(msg)
    from imurep.report import page, picture  # noqa: PLC0415 they need matplotlib, an extra

    view = view_of(
        recording, exercise=exercise, min_reps=min_reps, last_time=last_time, lines_deg=lines_deg or {}
    )
    content = page.html(view).encode() if out.suffix == ".html" else picture.png(view)
    try:
        out.write_bytes(content)
    except OSError as error:
        msg = f"{out}: cannot be written: {error.strerror}"
        raise RecordingError(msg) from error
    return view

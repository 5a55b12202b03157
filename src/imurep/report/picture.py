"""Draws a counted recording with matplotlib; the global state of pyplot is not used."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MultipleLocator

from imurep.events import Phase
from imurep.formatting.labels import (
    PHASE_LABELS,
    clock_text,
    nothing_text,
    number_text,
    total_text,
)
from imurep.report.panels import panels, reps_text, title
from imurep.tempo import TEMPO_ORDER, phase_spans, tempo_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from imurep.counting.assessment.form_metrics import SetForm
    from imurep.events import Rep
    from imurep.report.panels import Panel
    from imurep.report.view import SessionView

COLOURS = {
    Phase.ECCENTRIC: "#e69f00",
    Phase.BOTTOM_HOLD: "#a0a0a0",
    Phase.CONCENTRIC: "#0072b2",
    Phase.TOP_HOLD: "#009e73",
}
"""From Okabe and Ito's palette, which people with any colour vision tell apart."""
_SHADE = 0.45
_HATCH = "#808080"
"""Lies over a partial rep."""

INK = "#1b1f24"
"""Lines and letters."""
_GRID = "#8c8c8c"
_BOX = "#cc3311"

WIDTH_IN = 12.0
_LEFT_IN, _RIGHT_IN = 1.15, 0.25
_TITLE_IN = 0.3
_OVERVIEW_IN = 1.5
_PANEL_IN = 2.0
_HEAD_IN = 0.55
"""Above the axes: their title, or the labels of the boxes."""
_LITTLE_IN = 0.3
"""Above a panel whose title stands in the page."""
_FOOT_IN, _PANEL_FOOT_IN = 0.4, 1.15
"""Below them: clock and, in a panel, a line per phase."""

_FEW = 8
"""Up to so many sets the overview's labels are whole words."""
_LETTER_IN = 0.08

_POINTS = 1600
_DPI = 100
_HIGHEST_PX = 40_000
"""Agg draws up to 2**16 pixels."""


_TICKS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)
_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",  # letters stay letters: small, sharp, and they can be searched
    "svg.hashsalt": "imurep",  # the same recording gives the same bytes
    "hatch.linewidth": 0.8,
    "path.simplify": False,
}


def png(view: SessionView) -> bytes:
    """Draw everything as one tall picture."""
    parts = panels(view)
    panel_in = _HEAD_IN + _PANEL_IN + _PANEL_FOOT_IN
    overview_in = _TITLE_IN + _HEAD_IN + _OVERVIEW_IN + _FOOT_IN
    figure = Figure(figsize=(WIDTH_IN, overview_in + panel_in * len(parts)), facecolor="white")
    with mpl.rc_context(_STYLE):
        heading = f"{view.name}: {total_text(view.sets)}" if view.sets else view.name
        figure.text(
            0.01, 1 - 0.28 / figure.get_figheight(), heading, fontsize=13, color=INK, parse_math=False
        )
        overview = _axes(figure, _TITLE_IN + _HEAD_IN, _OVERVIEW_IN)
        _draw_overview(overview, view)
        for at, part in enumerate(parts):
            panel = _axes(figure, overview_in + at * panel_in + _HEAD_IN, _PANEL_IN)
            _draw_panel(panel, view, part)
            panel.set_title(title(view, part), loc="left", fontsize=11, color=INK, pad=19)
        out = io.BytesIO()
        dpi = min(_DPI, _HIGHEST_PX / figure.get_figheight())
        FigureCanvasAgg(figure).print_figure(out, format="png", dpi=dpi)
    return out.getvalue()


def overview_svg(view: SessionView) -> str:
    """Draw the whole recording as an ``<svg>`` in the colour of the text around it."""
    figure = Figure(figsize=(WIDTH_IN, _HEAD_IN + _OVERVIEW_IN + _FOOT_IN))
    with mpl.rc_context(_STYLE):
        _draw_overview(_axes(figure, _HEAD_IN, _OVERVIEW_IN), view)
        return _svg(figure)


def panel_svg(view: SessionView, part: Panel) -> str:
    """Draw one panel as an ``<svg>`` in the colour of the text around it; its title is left to the page."""
    figure = Figure(figsize=(WIDTH_IN, _LITTLE_IN + _PANEL_IN + _PANEL_FOOT_IN))
    with mpl.rc_context(_STYLE):
        _draw_panel(_axes(figure, _LITTLE_IN, _PANEL_IN), view, part)
        return _svg(figure)


def _svg(figure: Figure) -> str:
    out = io.StringIO()
    FigureCanvasSVG(figure).print_figure(
        out, format="svg", facecolor="none", edgecolor="none", metadata={"Date": None}
    )
    text = out.getvalue()
    # Drawn as text, in whatever colour the page has for text: legible on light and on dark.
    return text[text.index("<svg") :].replace(INK, "currentColor")


def _axes(figure: Figure, top_in: float, height_in: float) -> Axes:
    width_in, total_in = figure.get_size_inches()
    return figure.add_axes(
        (
            _LEFT_IN / width_in,
            1 - (top_in + height_in) / total_in,
            1 - (_LEFT_IN + _RIGHT_IN) / width_in,
            height_in / total_in,
        )
    )


def _draw_overview(axes: Axes, view: SessionView) -> None:
    duration_s = max(view.duration_s, 1.0)
    _draw_curve(axes, view, 0.0, duration_s)
    ends_s = [-np.inf, -np.inf]  # of the labels on the two lines above the axes
    for number, found in enumerate(view.sets, start=1):
        start_s, end_s = view.since_s(found.start_us), view.since_s(found.end_us)
        axes.axvspan(start_s, end_s, facecolor=_BOX, alpha=0.12, linewidth=0)
        axes.axvspan(start_s, end_s, facecolor="none", edgecolor=_BOX, linewidth=1.2)
        few = len(view.sets) <= _FEW
        label = f"set {number}: {reps_text(found)}" if few else f"{number}: {found.repetitions}"
        width_s = len(label) * _LETTER_IN / (WIDTH_IN - _LEFT_IN - _RIGHT_IN) * duration_s
        at_s = min(max(0.0, (start_s + end_s - width_s) / 2), duration_s - width_s)
        line = 0 if at_s >= ends_s[0] else 1
        ends_s[line] = at_s + width_s
        _note(axes, label, (at_s, 1.0), (0, 4 + 12 * line), fontsize=9, xycoords=("data", "axes fraction"))
    if not view.sets:
        text = nothing_text(view.min_reps, view.exercise)
        _note(axes, text, (0, 1.0), (0, 6), fontsize=11, weight="bold", xycoords="axes fraction")


def _draw_panel(axes: Axes, view: SessionView, part: Panel) -> None:
    start_s = view.since_s(part.reps[0].start_us if part.reps else part.found.start_us)
    end_s = max([view.since_s(part.found.start_us), *(view.since_s(_end_us(rep)) for rep in part.reps)])
    # Some of what lies around it: a rep that was missed is seen there.
    around_s = max(3.0, 0.08 * (end_s - start_s))
    _draw_curve(axes, view, start_s - around_s, end_s + around_s)
    form = view.form(part.found)
    _draw_line(axes, view, part, form)
    for number, rep in enumerate(part.reps, start=part.first + 1):
        _draw_rep(axes, view, number, rep, over=form.reps[number - 1].over)
    _note(
        axes,
        "● top of rep",
        (0, 1),
        (-8, 4),
        ha="right",
        xycoords="axes fraction",
    )
    for line, phase in enumerate(TEMPO_ORDER):
        swatch = {"facecolor": COLOURS[phase], "alpha": _SHADE, "edgecolor": "none", "pad": 1.5}
        _note(
            axes, f"{PHASE_LABELS[phase]} (s)", (0, 0), (-8, _line_pt(line)), ha="right", bbox=swatch,
            xycoords="axes fraction",
        )  # fmt: skip


def _draw_line(axes: Axes, view: SessionView, part: Panel, form: SetForm) -> None:
    """Draw the person's straight line: at the median of the tops plus what each is over it."""
    if form.over_line_deg is None or not view.time_s.size:
        return
    tops_s = [view.since_s(rep.top_us) for rep in part.found.reps]
    tops_deg = np.interp(tops_s, view.time_s, view.angle_deg)
    lines_deg = [
        top + one.over_line_deg
        for top, one in zip(tops_deg, form.reps, strict=True)
        if one.over_line_deg is not None
    ]
    line_deg = float(np.median(lines_deg))
    axes.axhline(line_deg, color=_BOX, linewidth=1.0, linestyle="--")
    _note(
        axes,
        "straight line",
        (1, line_deg),
        (-2, 3),
        ha="right",
        color=_BOX,
        xycoords=("axes fraction", "data"),
    )


def _draw_rep(axes: Axes, view: SessionView, number: int, rep: Rep, *, over: bool) -> None:
    spans = phase_spans(rep)
    for span in spans:
        axes.axvspan(
            view.since_s(span.start_us), view.since_s(span.end_us),
            facecolor=COLOURS[span.phase], alpha=_SHADE, linewidth=0,
        )  # fmt: skip
    start_s, end_s, top_s = view.since_s(rep.start_us), view.since_s(_end_us(rep)), view.since_s(rep.top_us)
    axes.axvline(start_s, color=_GRID, linewidth=0.6)
    if rep.partial:
        axes.axvspan(start_s, end_s, facecolor="none", edgecolor=_HATCH, hatch="////", linewidth=0)
    if view.time_s.size:
        top_deg = float(np.interp(top_s, view.time_s, view.angle_deg))
        axes.plot(top_s, top_deg, marker="o", markersize=4, color=_BOX if over else INK)
    _note(
        axes, str(number), (top_s, 1), (0, 4), ha="center", fontsize=10, weight="bold",
        xycoords=("data", "axes fraction"),
    )  # fmt: skip
    for line, seconds in enumerate(tempo_of(rep)):
        _note(
            axes, number_text(seconds), ((start_s + end_s) / 2, 0), (0, _line_pt(line)), ha="center",
            xycoords=("data", "axes fraction"),
        )  # fmt: skip


def _end_us(rep: Rep) -> int:
    """Where a rep ends, or as far as it is known."""
    spans = phase_spans(rep)
    return rep.end_us or (spans[-1].end_us if spans else rep.top_us)


def _line_pt(line: int) -> float:
    return -32 - 14 * line


def _note(axes: Axes, text: str, at: tuple[float, float], offset_pt: tuple[float, float], **how: Any) -> None:  # noqa: ANN401 as matplotlib takes it
    axes.annotate(
        text, at, xytext=offset_pt, textcoords="offset points", annotation_clip=False,
        **{"color": INK, "fontsize": 8.5, **how},
    )  # fmt: skip


def _draw_curve(axes: Axes, view: SessionView, start_s: float, end_s: float) -> None:
    time_s, angle_deg = view.curve(start_s, end_s, _POINTS)
    axes.plot(time_s, angle_deg, color=INK, linewidth=1.1)
    axes.set_xlim(start_s, end_s)
    least, most = (np.nanmin(angle_deg), np.nanmax(angle_deg)) if angle_deg.size else (0.0, 1.0)
    room = max(2.0, 0.06 * (most - least))
    axes.set_ylim(most + room, least - 1.5 * room)  # upright is up
    axes.set_ylabel("trunk angle\nfrom the top (°)", color=INK, fontsize=9)
    step_s = next((step for step in _TICKS_S if (end_s - start_s) / step <= 14), _TICKS_S[-1])
    axes.xaxis.set_major_locator(MultipleLocator(step_s))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: clock_text(round(value * 1e6))))
    axes.tick_params(colors=INK, labelsize=9)
    axes.grid(axis="y", color=_GRID, alpha=0.3, linewidth=0.6)
    axes.set_facecolor("none")
    for side, spine in axes.spines.items():
        spine.set_color(_GRID)
        spine.set_visible(side in {"left", "bottom"})

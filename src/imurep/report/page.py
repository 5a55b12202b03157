"""The report as one HTML file without scripts, fonts or other files."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from imurep.formatting.form_text import exercise_lines, form_lines
from imurep.formatting.labels import (
    PHASE_LABELS,
    clock_text,
    notes,
    nothing_text,
    number_text,
    range_text,
    reps_text,
    seconds_text,
    tempo_text,
    total_text,
)
from imurep.report import picture
from imurep.report.panels import panels, title
from imurep.tempo import TEMPO_ORDER, median_tempo, tempo_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imurep.events import ExerciseSet
    from imurep.report.view import SessionView

_STYLE = """
:root { color-scheme: light dark; --paper: #ffffff; --ink: #1b1f24; --line: #8c8c8c66; }
@media (prefers-color-scheme: dark) { :root { --paper: #14171a; --ink: #e6e8ea; } }
body { background: var(--paper); color: var(--ink); font: 15px/1.45 system-ui, sans-serif;
  max-width: 1200px; margin: 1.5rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; overflow-wrap: anywhere; } h2 { font-size: 1.1rem; margin: 2rem 0 0; }
figure { margin: 0.5rem 0; overflow-x: auto; } svg { width: 100%; min-width: 760px; height: auto; }
.wide { overflow-x: auto; } table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: 0.2rem 0.7rem; border-bottom: 1px solid var(--line); }
.text { text-align: left; } summary { cursor: pointer; }
.swatch { display: inline-block; width: 1.1em; height: 1em; vertical-align: -0.1em; margin: 0 0.3em 0 1em; }
.partial { background: repeating-linear-gradient(135deg, #808080 0 1px, transparent 1px 4px); }
.nothing { padding: 0.6rem 1rem; border-left: 4px solid #e69f00; }
"""


def html(view: SessionView) -> str:
    """Write the page."""
    name = escape(view.name)
    body = [f"<h1>{name}</h1>", f"<p>{escape(_summary(view))}</p>"]
    body += [f'<p class="nothing">{escape(warning)}</p>' for warning in view.warnings]
    if not view.sets:
        body.append(f'<p class="nothing">{escape(nothing_text(view.min_reps, view.exercise))}</p>')
    body.append(_figure(picture.overview_svg(view), "trunk angle over the whole recording"))
    if view.sets:
        body += [_legend(), _set_table(view)]
    for part in panels(view):
        heading = escape(title(view, part))
        body += [f"<h2>{heading}</h2>", _figure(picture.panel_svg(view, part), heading)]
        if part.first + len(part.reps) == part.found.repetitions:
            body += [_form_list(view, part.found), _rep_table(view, part.found)]
    content = "\n".join(body)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{name}</title>
<style>{_STYLE}</style>
</head>
<body>
{content}
</body>
</html>
"""


def _summary(view: SessionView) -> str:
    given = f", exercise given: {view.exercise}" if view.exercise else ""
    return f"{total_text(view.sets)} in {clock_text(round(view.duration_s * 1e6))} (m:ss){given}"


def _legend() -> str:
    words = [
        f'<span class="swatch" style="background:{picture.COLOURS[phase]}99"></span>{PHASE_LABELS[phase]}'
        for phase in TEMPO_ORDER
    ]
    words.append('<span class="swatch partial"></span>partial rep')
    note = "Tempo is written in that order, in seconds; a dot marks the top of each rep."
    return f"<p>{''.join(words)}. {note}</p>"


def _figure(svg: str, label: str) -> str:
    return f'<figure role="img" aria-label="{label}">{svg}</figure>'


def _set_table(view: SessionView) -> str:
    return _table(
        ("set", "start", "exercise", "reps", "tempo", "top hold", "range", "notes"),
        (
            (
                str(number),
                clock_text(found.start_us - view.first_us),
                found.exercise,
                reps_text(found),
                tempo_text(median_tempo(found.reps)),
                seconds_text(median_tempo(found.reps)[3]),
                range_text(found.reps),
                ", ".join(notes(found)),
            )
            for number, found in enumerate(view.sets, start=1)
        ),
    )


def _form_list(view: SessionView, found: ExerciseSet) -> str:
    lines = [*exercise_lines(found), *form_lines(view.form(found), found.exercise)]
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f'<ul class="form">{items}</ul>'


def _rep_table(view: SessionView, found: ExerciseSet) -> str:
    rows = (
        (
            str(number),
            clock_text(rep.start_us - view.first_us, tenths=True),
            *map(number_text, tempo_of(rep)),
            f"{rep.range_of_motion_deg:.0f}°",
            f"{rep.peak_rate_dps:.0f}°/s",
            "partial" if rep.partial else "",
        )
        for number, rep in enumerate(found.reps, start=1)
    )
    head = ("rep", "start", *(PHASE_LABELS[phase] for phase in TEMPO_ORDER), "range", "peak", "notes")
    return f"<details><summary>reps in numbers</summary>{_table(head, rows)}</details>"


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    columns = "".join(f"<th>{escape(text)}</th>" for text in head)
    lines = "\n".join("<tr>" + "".join(f"<td>{escape(text)}</td>" for text in row) + "</tr>" for row in rows)
    return f'<div class="wide"><table>\n<tr>{columns}</tr>\n{lines}\n</table></div>'

from __future__ import annotations

import dataclasses
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import numpy as np
import pytest

from imurep.errors import ConfigError, RecordingError
from imurep.offline.analysis import analyze_file
from imurep.report import SessionView, check_output, page, picture, write_report
from imurep.report.panels import Panel, panels, title
from imurep.report.view import envelope
from tests.scripted import FIRST_US, ScriptedPipeline, make_events, make_rep, make_set, write_csv

if TYPE_CHECKING:
    from pathlib import Path

    from imurep.events import ExerciseSet

HOUR_S = 3600.0


def make_view(*sets: ExerciseSet, seconds: float = 60.0, name: str = "workout.csv") -> SessionView:
    time_s = np.arange(round(seconds * 50)) / 50
    return SessionView(
        name=name,
        sets=sets,
        time_s=time_s,
        angle_deg=30 - 30 * np.cos((time_s - 1) / 7.5 * 2 * np.pi),
        first_us=FIRST_US,
        min_reps=3,
        exercise=None,
    )


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("imurep.offline.replay.Pipeline", ScriptedPipeline)
    monkeypatch.setattr(ScriptedPipeline, "events", tuple(make_events(make_set(3))))


@pytest.mark.usefixtures("scripted")
def test_an_analysis_holds_sets_and_curve(tmp_path: Path) -> None:
    found = analyze_file(write_csv(tmp_path / "workout.csv", seconds=26.0, rate_hz=20.0), min_reps=2)
    assert found.sets == (make_set(3),)
    assert (found.name, found.min_reps, found.first_us) == ("workout.csv", 2, FIRST_US)
    assert len(found.time_s) == len(found.angle_deg) == 520
    assert found.time_s[0] == 0.0
    assert found.time_s[-1] == pytest.approx(25.95)


@pytest.mark.parametrize("size", [0, 1, 999, 1000, 1001, 100_003])
def test_an_envelope_keeps_the_extremes(size: int) -> None:
    time_s = np.arange(size) / 100
    value = np.sin(time_s * 7.3)
    thin_s, thin = envelope(time_s, value, 1000)
    assert len(thin) <= 1100
    assert np.all(np.diff(thin_s) > 0)
    if size:
        assert (thin.min(), thin.max()) == (value.min(), value.max())


def test_the_curve_is_interrupted_where_samples_are_missing() -> None:
    view = make_view(seconds=10.0)
    kept = (view.time_s < 4) | (view.time_s >= 7)
    view = dataclasses.replace(view, time_s=view.time_s[kept], angle_deg=view.angle_deg[kept])
    time_s, angle_deg = view.curve(0.0, 10.0, 1600)
    assert np.flatnonzero(np.isnan(angle_deg)).tolist() == [200]
    assert np.isnan(time_s[200])


def test_a_picture_grows_with_the_sets() -> None:
    heights = []
    for count in (0, 1, 3):
        content = picture.png(make_view(*(make_set(3, id=str(number)) for number in range(count))))
        assert content.startswith(b"\x89PNG")
        heights.append(int.from_bytes(content[20:24], "big"))
    assert heights[0] < heights[1] < heights[2]


def test_a_long_set_continues_in_a_further_panel() -> None:
    view = make_view(make_set(70))
    parts = panels(view)
    assert [(part.first, len(part.reps)) for part in parts] == [(0, 30), (30, 30), (60, 10)]
    assert "31 to 60 shown" in title(view, parts[1])


def test_partial_reps_are_hatched() -> None:
    whole, hatched = (
        picture.panel_svg(make_view(found), Panel(1, found, 0))
        for found in (make_set(reps=(make_rep(partial=partial),)) for partial in (False, True))
    )
    assert "<pattern" in hatched
    assert "<pattern" not in whole


def test_the_letters_of_a_drawing_take_the_colour_of_the_page() -> None:
    svg = picture.overview_svg(make_view(make_set(3)))
    assert "currentColor" in svg
    assert picture.INK not in svg
    assert "set 1: 3 reps" in svg
    ET.fromstring(svg)  # noqa: S314 our own output


def test_the_same_recording_gives_the_same_page() -> None:
    assert page.html(make_view(make_set(3))) == page.html(make_view(make_set(3)))


class Page(HTMLParser):
    """Tags and text of a page."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(content)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_a_page_stands_alone() -> None:
    found = Page(page.html(make_view(make_set(3))))
    names = {tag for tag, _ in found.tags}
    assert names.isdisjoint({"script", "link", "img", "iframe"})
    links = [
        attrs.get(key) for _, attrs in found.tags for key in ("href", "xlink:href", "src") if key in attrs
    ]
    assert all(link is not None and link.startswith("#") for link in links)
    assert "3.0-1.0-2.0-1.5" in found.text
    assert "good_morning" in found.text


def test_a_page_names_which_exercise_it_was_and_how_it_was_done() -> None:
    found = make_set(6, exercise="deadlift", reasons=("2° from upright at the top",))
    text = Page(page.html(make_view(found))).text
    assert "deadlift: 2° from upright at the top" in text
    assert "6 reps, all of full range" in text
    assert "lifted, not thrown" in text
    view = make_view(found)
    (part,) = panels(view)
    assert title(view, part).endswith("momentum 0 of 100")


def test_names_are_escaped() -> None:
    name = "<script>alert(1)</script> & $x^2$ \"'.csv"
    found = Page(page.html(make_view(make_set(3, exercise="<b>lift</b>"), name=name)))
    assert {"script", "b"}.isdisjoint(tag for tag, _ in found.tags)
    assert name in found.text
    assert picture.png(make_view(name=name))


@pytest.mark.parametrize("kind", ["page", "picture"])
def test_an_hour_with_twenty_sets_stays_small(kind: str) -> None:
    sets = [
        make_set(
            reps=tuple(make_rep(number + 20 * at) for number in range(12)),
            start_us=make_rep(20 * at).start_us,
            end_us=make_rep(20 * at + 11).end_us,
        )
        for at in range(20)
    ]
    view = make_view(*sets, seconds=HOUR_S)
    content = page.html(view).encode() if kind == "page" else picture.png(view)
    assert len(content) < 4_000_000


def test_without_a_set_both_name_what_to_try() -> None:
    view = make_view()
    assert "no set of 3 or more reps found; try --min-reps 1" in page.html(view)
    assert "no set of 3 or more reps found; try --min-reps 1" in picture.overview_svg(view)


def test_warnings_are_on_the_page() -> None:
    view = dataclasses.replace(make_view(make_set(3)), warnings=("is it in g? <b>",))
    assert '<p class="nothing">is it in g? &lt;b&gt;</p>' in page.html(view)


def test_without_a_sample() -> None:
    empty = dataclasses.replace(make_view(), time_s=np.empty(0), angle_deg=np.empty(0))
    assert picture.png(empty)
    assert "0 sets" in page.html(empty)


@pytest.mark.usefixtures("scripted")
@pytest.mark.parametrize("suffix", ["html", "png"])
def test_a_report_is_written(tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"report.{suffix}"
    analyze_file(write_csv(tmp_path / "workout.csv")).report(out)
    assert out.read_bytes()[:15] in {b"<!doctype html>", picture.png(make_view())[:15]}


@pytest.mark.usefixtures("scripted")
def test_what_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"report\.pdf: a report is \.html or \.png"):
        write_report(make_view(), tmp_path / "report.pdf")
    with pytest.raises(RecordingError, match="cannot be written"):
        write_report(make_view(), tmp_path / "nowhere" / "report.html")


def test_without_matplotlib(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("imurep.report.find_spec", lambda _: None)
    with pytest.raises(ConfigError, match=r"pip install 'imurep\[report\]'"):
        check_output(tmp_path / "report.html")


def test_a_straight_line_is_drawn_and_tops_over_it_stand_out() -> None:
    reps = tuple(make_rep(n, top_inclination_deg=30.0 + 6 * n, top_angle_deg=0.0) for n in range(3))
    view = make_view(make_set(exercise="back_extension_45", reps=reps))
    (part,) = panels(view)
    assert "straight line" not in picture.panel_svg(view, part)
    view = dataclasses.replace(view, lines_deg={"back_extension_45": 43.0})
    assert "straight line" in picture.panel_svg(view, part)
    assert title(view, part).endswith("1 over the straight line by more than 10°")

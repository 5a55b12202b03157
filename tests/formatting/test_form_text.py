from __future__ import annotations

from imurep.counting.assessment.form_metrics import form_of
from imurep.formatting.form_text import exercise_lines, form_lines, form_text
from tests.scripted import make_rep, make_set


def test_an_exercise_that_was_recognised_gives_the_reasons() -> None:
    found = make_set(exercise="deadlift", reasons=("2° from upright at the top", "it started at the bottom"))
    assert exercise_lines(found) == ["deadlift: 2° from upright at the top; it started at the bottom"]


def test_an_unknown_one_too() -> None:
    (line,) = exercise_lines(make_set(exercise="unknown", reasons=("upright was not seen",)))
    assert line == "exercise unknown: upright was not seen"


def test_an_exercise_that_was_given_needs_no_word_unless_it_is_contradicted() -> None:
    assert exercise_lines(make_set(reasons=("it was told",))) == []
    assert exercise_lines(make_set()) == []
    (line,) = exercise_lines(make_set(reasons=("it was told",), contradiction="told X, but it is Y"))
    assert line.startswith("told X, but it is Y. Check the exercise")


def test_figures_come_with_their_meaning() -> None:
    found = make_set(8)
    text = "\n".join(form_lines(form_of(found), found.exercise))
    assert "8 reps, all of full range" in text
    assert "0 reps near 2.2-0.3-1.5-0.8, a common tempo for this exercise" in text
    assert "lifted, not thrown" in text
    assert "lowering takes 3.0 s, 1.5 times as long as lifting" in text
    assert "the last lifts were 0 % slower than the first" in text
    assert "differs by 0 %" in text
    assert "None" not in text


def test_at_a_glance_there_is_what_can_be_mended() -> None:
    assert form_text(form_of(make_set(8))) == (
        "8 reps, all of full range; momentum 0 of 100: lifted, not thrown; "
        "lowering takes 1.5 times as long as lifting"
    )
    slower = tuple(make_rep(n, concentric_s=2.0 if n < 3 else 3.0, partial=n == 2) for n in range(7))
    text = form_text(form_of(make_set(reps=slower)))
    assert text.startswith("7 reps, 1 of them partial; ")
    assert "33 % slower than the first (many plans end a set at 20 %)" in text


def test_what_to_do_about_it() -> None:
    quick = {"concentric_s": 0.7, "bottom_hold_s": 0.0, "top_hold_s": 0.0, "peak_rate_dps": 150.0}
    thrown = make_set(reps=(make_rep(0, **quick),), exercise="unknown")
    (first, momentum, *_) = form_lines(form_of(thrown), "unknown")
    assert first == "1 rep, all of full range"
    assert "thrown; pause at the bottom" in momentum


def test_a_top_is_over_the_line_only_where_the_line_is_known() -> None:
    reps = tuple(make_rep(n, top_inclination_deg=31.0, top_angle_deg=float(n)) for n in range(3))
    found = make_set(exercise="back_extension_45", reps=reps)
    habit = form_lines(form_of(found), found.exercise)
    assert any(
        "usual place (to see them against your straight line: imurep calibrate)" in line for line in habit
    )
    line = form_lines(form_of(found, line_deg=45.0), found.exercise)
    assert "tops 14° over your straight line, 3 of them by more than 10°: stop at the line" in line
    assert "tops 4° under your straight line" in form_lines(form_of(found, line_deg=27.0), found.exercise)

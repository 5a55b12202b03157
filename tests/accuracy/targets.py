"""What must be reached, and what was."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imurep.evaluate import agreement, exercise_metrics, hold_metrics, phase_metrics, quiet_metrics
from imurep.events import Phase
from imurep.formatting.labels import PHASE_LABELS
from tests.accuracy.sessions import SWING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from imurep.evaluate import Agreement, PhasePair, SetComparison
    from tests.accuracy.outcomes import Outcome

MOVEMENTS = {Phase.CONCENTRIC, Phase.ECCENTRIC}
RANGE_DEG, RANGE_SWINGS_DEG, RANGE_ACC_ONLY_DEG = 2.0, 4.0, 5.0
"""Mean absolute error of the range: of slow exercises, of swings, without gyroscope."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table."""

    what: str
    target: str
    reached: str
    met: bool | None
    """None: for information, without a bound."""


def lines(outcomes: Sequence[Outcome]) -> Iterator[Line]:
    """All lines, for outcomes that were all counted in the same way."""
    groups: defaultdict[str, list[Outcome]] = defaultdict(list)
    for one in outcomes:
        groups[one.session.group].append(one)
    checks = {
        "plain": _plain,
        "accelerometer only": _acc_only,
        "mounting": _mounting,
        "slip": _slip,
        "bad link": lambda bad: _link(groups["good link"], bad),
        "gap": _gap,
        "rate": _rates,
        "variation": _variations,
        "daily": _daily,
    }
    for group, check in checks.items():
        if groups[group]:
            yield from check(groups[group])


def _sets(outcomes: Sequence[Outcome]) -> list[SetComparison]:
    return [part for one in outcomes for part in one.comparison.sets]


def _phases(sets: Sequence[SetComparison]) -> list[PhasePair]:
    return [phase for one in sets for phase in one.phases]


def _at_least(what: str, value: float, least: float, note: str = "") -> Line:
    return Line(what, f">= {least:g}", f"{value:.4f}{note}", value >= least)


def _at_most(what: str, value: float, most: float, unit: str, note: str = "") -> Line:
    return Line(what, f"<= {most:g} {unit}", f"{value:.2f} {unit}{note}", value <= most)


def _plain(outcomes: Sequence[Outcome]) -> Iterator[Line]:
    sets = _sets(outcomes)
    pooled = exercise_metrics("all", sets)
    yield _at_least("rep F1, pooled", pooled.f1 or 0.0, 0.997, f" over {pooled.reps} reps")
    names = sorted({one.exercise for one in sets})
    worst = min(
        (exercise_metrics(name, [s for s in sets if s.exercise == name]) for name in names),
        key=lambda r: r.f1 or 0,
    )
    yield _at_least("rep F1, worst exercise", worst.f1 or 0.0, 0.99, f" ({worst.exercise})")
    yield _at_least("first rep recall", pooled.first_reps / pooled.sets, 0.99)
    yield _at_least("last rep recall", pooled.last_reps / pooled.sets, 0.99)
    yield _at_least(
        "exact sets", pooled.exact_sets / pooled.sets, 0.97, f" ({pooled.exact_sets}/{pooled.sets})"
    )
    for part in pooled.phases:
        if part.error_s is not None:
            yield Line(
                f"{PHASE_LABELS[part.phase]}, mean absolute error",
                f"<= {part.bound_s * 1e3:.0f} ms",
                f"{part.error_s.mae * 1e3:.0f} ms, mean {part.error_s.mean * 1e3:+.0f}, "
                f"{100 * part.within:.0f} % within, {part.error_s.n}/{part.total}",
                part.met,
            )
    for name in names:
        yield from _phase_misses(name, [one for one in sets if one.exercise == name])
    moves = [
        one
        for one in _phases(sets)
        if one.phase in MOVEMENTS and one.true_s <= 3.0 and one.found_s is not None
    ]
    yield _limits(
        "movements up to 3 s, 95 % limits", agreement([(m.found_s or 0.0) - m.true_s for m in moves]), 0.2
    )
    holds = pooled.top_holds
    note = f" ({holds.missed} missed, {holds.invented} invented of {holds.kept + holds.missed})"
    yield _at_least("top holds as yes or no, F1", holds.f1 or 0.0, 0.98, note)
    swings = [one for one in sets if one.exercise == SWING]
    slow = [one for one in sets if one.exercise != SWING]
    invented = [
        one
        for one in _phases(swings)
        if one.phase not in MOVEMENTS and one.true_s < 0.3 and (one.found_s or 0.0) >= 0.3
    ]
    yield Line("holds invented on swings", "0", str(len(invented)), not invented)
    yield from _range("range, slow exercises", slow, RANGE_DEG)
    yield from _range("range, swings", swings, RANGE_SWINGS_DEG)
    quiet = quiet_metrics(one.comparison.quiet for one in outcomes)
    yield Line(
        "beside these sets",
        "",
        f"{quiet.false_sets} sets, {quiet.false_reps} reps in {quiet.hours:.2f} h",
        None,
    )


def _phase_misses(name: str, sets: Sequence[SetComparison]) -> Iterator[Line]:
    """An exercise whose own mean is beyond the bound although all exercises together are not."""
    for phase in PHASE_LABELS:
        part = phase_metrics(phase, [one for one in _phases(sets) if one.phase is phase])
        if part.error_s is not None and not part.met:
            reached = f"{part.error_s.mae * 1e3:.0f} ms, mean {part.error_s.mean * 1e3:+.0f}: beyond it alone"
            yield Line(
                f"  {name}, {PHASE_LABELS[phase]}", f"<= {part.bound_s * 1e3:.0f} ms", reached, met=False
            )


def _limits(what: str, found: Agreement | None, most_s: float) -> Line:
    if found is None:
        return Line(what, f"+-{most_s:g} s", "none", met=False)
    within = max(-found.low, found.high) <= most_s
    return Line(what, f"+-{most_s:g} s", f"{found.low:+.3f} to {found.high:+.3f} s (n {found.n})", within)


def _range(
    what: str, sets: Sequence[SetComparison], most_deg: float, *, held: bool = False
) -> Iterator[Line]:
    parts = [part for one in sets for part in one.ranges if not held or (part.held_s or 0.0) >= 0.5]
    found = agreement([part.found_deg - part.true_deg for part in parts])
    if found is not None:
        foreign = sum(one.foreign for one in sets)
        note = f" (mean {found.mean:+.1f}, n {found.n}" + (
            f", {foreign} begun elsewhere)" if foreign else ")"
        )
        yield _at_most(what, found.mae, most_deg, "deg", note)


def _acc_only(outcomes: Sequence[Outcome]) -> Iterator[Line]:
    slow = [one for one in _sets(outcomes) if one.exercise != SWING]
    swings = [one for one in _sets(outcomes) if one.exercise == SWING]
    rated = exercise_metrics("all", slow)
    yield _at_least(
        "accelerometer only, rep F1", rated.f1 or 0.0, 0.98, f", exact {rated.exact_sets}/{rated.sets}"
    )
    if swings:
        rated = exercise_metrics("swings", swings)
        reached = f"{rated.f1 or 0:.4f}, exact {rated.exact_sets}/{rated.sets}"
        yield Line("accelerometer only, swings", "", reached, None)
    yield from _range("accelerometer only, range, both ends held", slow, RANGE_ACC_ONLY_DEG, held=True)


def _mounting(outcomes: Sequence[Outcome]) -> Iterator[Line]:
    seen = sorted({one.counts for one in outcomes})
    text = "; ".join("+".join(map(str, counts)) or "none" for counts in seen)
    yield Line(f"{len(outcomes)} mountings", "same counts", text, len(seen) == 1)


def _slip(outcomes: Sequence[Outcome]) -> Iterator[Line]:
    yield _cost("slip of 30 degrees, worst set", outcomes)


def _cost(what: str, outcomes: Sequence[Outcome]) -> Line:
    costs = [one.wrong_reps for one in outcomes]
    text = f"{max(costs)} ({sum(cost == 0 for cost in costs)}/{len(costs)} exact)"
    return Line(what, "<= 1 rep", text, max(costs) <= 1)


def _link(good: Sequence[Outcome], bad: Sequence[Outcome]) -> Iterator[Line]:
    before, after = (
        exercise_metrics("good", _sets(good)).f1 or 0.0,
        exercise_metrics("bad", _sets(bad)).f1 or 0.0,
    )
    lost = 100 * (before - after)
    text = f"{lost:.2f} points ({before:.4f} to {after:.4f})"
    yield Line("5 % loss, 250 ms gaps, 30 ms jitter", "<= 0.3 points", text, lost <= 0.3)


def _gap(outcomes: Sequence[Outcome]) -> Iterator[Line]:
    yield _cost("gap of 2 s, worst set", outcomes)
    reported = [any(one.gaps for one in outcome.comparison.sets) for outcome in outcomes]
    yield Line("gap of 2 s, the set reports it", "all", f"{sum(reported)}/{len(reported)}", all(reported))


def _rates(outcomes: Sequence[Outcome]) -> Iterator[Line]:
    counts: defaultdict[str, dict[str, tuple[int, ...]]] = defaultdict(dict)
    for one in outcomes:
        counts[one.session.exercise][one.session.name] = one.counts
    off = {name: by_rate for name, by_rate in counts.items() if len(set(by_rate.values())) > 1}
    text = "; ".join(
        f"{name} " + " ".join(f"{rate}:{'+'.join(map(str, found))}" for rate, found in by_rate.items())
        for name, by_rate in off.items()
    )
    yield Line("26, 52, 104, 208 Hz", "same counts", text or f"same for {len(counts)} exercises", not off)


def _variations(outcomes: Sequence[Outcome]) -> Iterator[Line]:
    for name in dict.fromkeys(one.session.name for one in outcomes):
        its = _sets([one for one in outcomes if one.session.name == name])
        rated = exercise_metrics(name, its)
        holds = hold_metrics([p for p in _phases(its) if p.phase is Phase.TOP_HOLD])
        held = f", holds {holds.f1:.3f}" if holds.f1 is not None else ""
        text = f"{rated.f1 or 0:.4f}, exact {rated.exact_sets}/{rated.sets}{held}"
        yield Line(f"{name}, rep F1", ">= 0.99", text, (rated.f1 or 0.0) >= 0.99)


def _daily(outcomes: Sequence[Outcome]) -> Iterator[Line]:
    quiet = quiet_metrics(one.comparison.quiet for one in outcomes)
    text = f"{quiet.false_sets} sets, {quiet.false_reps} reps in {quiet.hours:.2f} h"
    yield Line("daily life", "0 sets", text, quiet.false_sets == 0)

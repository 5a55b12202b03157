"""The truth: as prescribed, as the path shows it, and adding up."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_sim.person.exercises import EXERCISES
from firmware_sim.person.motion import RATE_HZ, render
from firmware_sim.person.person import draw_person
from firmware_sim.person.plan import ARMS, SetPlan
from firmware_sim.person.random_streams import RandomStreams
from firmware_sim.person.reps import TURN_S
from firmware_sim.person.tempo import Tempo
from firmware_sim.person.workout import Session, write_session

if TYPE_CHECKING:
    from firmware_sim.person.motion import Motion
    from firmware_sim.person.truth import TrueRep, TrueSet

BENCH = EXERCISES["back_extension_45"]
HINGE = EXERCISES["good_morning"]
STEP_S = 1 / RATE_HZ


def performed(plan: SetPlan, seed: int = 3, variation: float = 0.0) -> tuple[Motion, TrueSet]:
    streams = RandomStreams(seed)
    person = draw_person(streams, variation)
    script, (found,) = write_session(Session(sets=(plan,), lead_in=False, cut_after_s=2.0), person, streams)
    return render(script, person, streams), found


def movements(motion: Motion, found: TrueSet) -> list[tuple[float, float]]:
    """The normative rule, read off the path: no knowledge of how it was made.

    Reversals below 20 % of the range are no movements of their own.
    """
    chosen = (motion.t_s > found.start_s - 1.0) & (motion.t_s < found.end_s + 1.0)
    t_s, path_deg = motion.t_s[chosen], motion.path_deg[chosen]
    limit_deg = 0.2 * np.median([rep.range_of_motion_deg for rep in found.reps])
    turns = [0]
    for k in range(1, t_s.size):  # zigzag: a turn counts once the path has come back by the limit
        rising = len(turns) > 1 and path_deg[turns[-1]] > path_deg[turns[-2]]
        if len(turns) == 1:
            if abs(path_deg[k] - path_deg[0]) > limit_deg:
                turns.append(k)
        elif (path_deg[k] > path_deg[turns[-1]]) == rising and path_deg[k] != path_deg[turns[-1]]:
            turns[-1] = k
        elif abs(path_deg[k] - path_deg[turns[-1]]) > limit_deg:
            turns.append(k)
    rate = np.gradient(path_deg, STEP_S)
    spans = []
    for first, last in itertools.pairwise(turns):
        along = rate[first : last + 1] * np.sign(path_deg[last] - path_deg[first])
        above = np.flatnonzero(along >= 0.1 * along.max())
        spans.append((float(t_s[first + above[0]]), float(t_s[first + above[-1]])))
    return spans


def true_movements(found: TrueSet) -> list[tuple[float, float]]:
    spans = []
    for rep in found.reps:
        assert rep.concentric_s is not None
        assert rep.top_s is not None
        spans.append((rep.top_s - rep.concentric_s, rep.top_s))
        if rep.eccentric_s is not None:
            at_s = rep.start_s if found.first_movement == "eccentric" else rep.end_s - rep.eccentric_s
            spans.append((at_s, at_s + rep.eccentric_s))
    return sorted(spans)


@pytest.mark.parametrize("tempo", ["3-1-2-1", "2-0-1-3", "0.7-0-0.6-0", "6-0.1-1.5-0.2"])
@pytest.mark.parametrize("name", EXERCISES)
def test_without_variation_the_truth_is_the_prescription(name: str, tempo: str) -> None:
    asked = Tempo.parse(tempo)
    _, found = performed(SetPlan(exercise=EXERCISES[name], reps=3, tempo=asked, fatigue=0.0))
    rep = found.reps[1]
    assert rep.eccentric_s == pytest.approx(asked.eccentric_s, abs=1e-6)
    assert rep.concentric_s == pytest.approx(asked.concentric_s, abs=1e-6)
    assert rep.bottom_hold_s == pytest.approx(max(TURN_S, asked.bottom_hold_s), abs=1e-6)
    assert rep.top_hold_s == pytest.approx(max(TURN_S, asked.top_hold_s), abs=1e-6)


PLANS = {
    "plain": SetPlan(exercise=BENCH, reps=4),
    "no holds": SetPlan(exercise=HINGE, reps=4, tempo=Tempo(2.0, 0.0, 1.0, 0.0)),
    "static hold": SetPlan(exercise=BENCH, reps=3, top_hold_s=4.0),
    "slow eccentric": SetPlan(exercise=BENCH, reps=3, eccentric_s=6.0),
    "momentum": SetPlan(exercise=BENCH, reps=4, momentum=True),
    "roll-up": SetPlan(exercise=BENCH, reps=3, roll_up=True),
    "ends at the top": SetPlan(exercise=BENCH, reps=4, ends_at_top=True),
    "partial": SetPlan(exercise=HINGE, reps=4, partial=(2,)),
    "hesitates": SetPlan(exercise=BENCH, reps=4, hesitate=(2, 3)),
    "tired": SetPlan(exercise=BENCH, reps=4, fatigue=0.5),
    "swings": SetPlan(exercise=EXERCISES["kettlebell_swing"], reps=6),
    "floor": SetPlan(exercise=EXERCISES["floor_back_extension"], reps=4),
}


@pytest.mark.parametrize("case", PLANS)
def test_the_truth_is_what_the_rule_reads_off_the_path(case: str) -> None:
    motion, found = performed(PLANS[case], variation=1.0)
    read = movements(motion, found)
    assert len(read) == len(true_movements(found))
    assert np.array(read) == pytest.approx(np.array(true_movements(found)), abs=2.5 * STEP_S)


def whole(rep: TrueRep) -> float:
    """The three phases up to the end, and for a set that stopped at the top its one."""
    inner = (
        rep.top_hold_s
        if rep.start_s + (rep.concentric_s or 0) == pytest.approx(rep.top_s)
        else rep.bottom_hold_s
    )
    if rep.eccentric_s is None:
        return rep.concentric_s or 0.0
    return rep.eccentric_s + (inner or 0.0) + (rep.concentric_s or 0.0)


@settings(max_examples=25)
@given(
    name=st.sampled_from(sorted(EXERCISES)),
    reps=st.integers(1, 8),
    seed=st.integers(0, 10_000),
    ends_at_top=st.booleans(),
    momentum=st.booleans(),
    roll_up=st.booleans(),
)
def test_phases_add_up_to_the_rep_and_reach_the_next(
    *, name: str, reps: int, seed: int, ends_at_top: bool, momentum: bool, roll_up: bool
) -> None:
    plan = SetPlan(
        exercise=EXERCISES[name], reps=reps, ends_at_top=ends_at_top, momentum=momentum, roll_up=roll_up
    )
    streams = RandomStreams(seed)
    _, (found,) = write_session(Session(sets=(plan,), lead_in=False), draw_person(streams), streams)
    assert len(found.reps) == reps
    for rep in found.reps:
        assert whole(rep) == pytest.approx(rep.end_s - rep.start_s, abs=1e-9)
    for rep, following in zip(found.reps, found.reps[1:], strict=False):
        hold_s = rep.top_hold_s if found.first_movement == "eccentric" else rep.bottom_hold_s
        assert hold_s is not None
        assert rep.end_s + hold_s == pytest.approx(following.start_s, abs=1e-9)
    last = found.reps[-1]
    assert (last.top_hold_s if found.first_movement == "eccentric" else last.bottom_hold_s) is None


def test_a_set_that_ends_at_the_top_has_no_last_eccentric() -> None:
    _, found = performed(SetPlan(exercise=BENCH, reps=3, ends_at_top=True))
    last = found.reps[-1]
    assert (last.eccentric_s, last.bottom_hold_s, last.top_hold_s) == (None, None, None)
    assert last.end_s == last.top_s
    assert found.reps[-2].eccentric_s is not None


def test_a_partial_rep_is_marked_and_short() -> None:
    _, found = performed(SetPlan(exercise=BENCH, reps=5, partial=(2,)), variation=1.0)
    assert [rep.partial for rep in found.reps] == [False, True, False, False, False]
    assert found.reps[1].range_of_motion_deg < 0.7 * found.reps[0].range_of_motion_deg


def test_fatigue_slows_and_shortens() -> None:
    _, found = performed(SetPlan(exercise=BENCH, reps=6, fatigue=0.4))
    first, last = found.reps[0], found.reps[-1]
    assert first.concentric_s is not None
    assert last.concentric_s == pytest.approx(1.4 * first.concentric_s)
    assert last.range_of_motion_deg < first.range_of_motion_deg - 4


def test_load_and_arms_slow_what_has_no_prescribed_tempo() -> None:
    plain = SetPlan(exercise=BENCH, reps=2, fatigue=0.0)
    (light, *_), (heavy, *_), (prescribed, *_) = (
        performed(plan)[1].reps
        for plan in (
            plain,
            replace(plain, load_kg=20, arms="plate"),
            replace(plain, load_kg=20, arms="plate", tempo=BENCH.tempo),
        )
    )
    assert light.concentric_s is not None
    assert heavy.concentric_s == pytest.approx(light.concentric_s * 1.06 * ARMS["plate"][0])
    assert prescribed.concentric_s == pytest.approx(light.concentric_s)
    assert heavy.range_of_motion_deg == prescribed.range_of_motion_deg < light.range_of_motion_deg


def test_momentum_overshoots_and_rebounds() -> None:
    _, strict = performed(SetPlan(exercise=BENCH, reps=3, fatigue=0.0))
    motion, thrown = performed(SetPlan(exercise=BENCH, reps=3, fatigue=0.0, momentum=True))
    assert thrown.reps[1].bottom_hold_s == pytest.approx(TURN_S)
    assert thrown.reps[1].range_of_motion_deg > strict.reps[1].range_of_motion_deg + 5
    during = (motion.t_s > thrown.start_s) & (motion.t_s < thrown.end_s)
    assert motion.path_deg[during].min() < performed(SetPlan(exercise=BENCH, reps=3))[0].path_deg.min() - 5


def test_a_variation_changes_only_what_it_is_about() -> None:
    _, plain = performed(SetPlan(exercise=BENCH, reps=5), variation=1.0)
    _, slow = performed(SetPlan(exercise=BENCH, reps=5, eccentric_s=6.0), variation=1.0)
    assert [rep.concentric_s for rep in plain.reps] == pytest.approx([rep.concentric_s for rep in slow.reps])


def test_reps_that_are_not_there_are_refused() -> None:
    with pytest.raises(ValueError, match="no rep 7"):
        SetPlan(exercise=BENCH, reps=5, partial=(7,))

"""Options of the person and the workout, which ``record`` and ``serve`` share, and the session they give."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, get_args

from firmware_sim.person.daily_life import DAYS, PLAIN
from firmware_sim.person.exercises import EXERCISES
from firmware_sim.person.plan import ARMS, SetPlan
from firmware_sim.person.workout import Session, Variety
from firmware_sim.programs import option_types
from firmware_sim.programs.option_types import add_number

if TYPE_CHECKING:
    import argparse

NONE = "none"


def add_workout_options(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("--seed", type=int, default=1, help="seed of everything random (default: 1)")
    parser.add_argument(
        "--person", type=int, metavar="SEED", help="seed of the person (default: that of --seed)"
    )

    what = parser.add_argument_group("the workout")
    what.add_argument("--exercise", choices=[*EXERCISES, NONE], help="the exercise, or none for daily life")
    what.add_argument("--sets", type=option_types.sets, default=(1, 10), metavar="3x12", help="default: 1x10")
    what.add_argument(
        "--tempo",
        type=option_types.tempo,
        metavar="3-1-2-1",
        help="eccentric - bottom hold - concentric - top hold in seconds by the normative rule, before human "
        "variation; default: the exercise's usual one",
    )
    what.add_argument(
        "--block",
        type=option_types.block,
        action="append",
        metavar="EXERCISE:SETSxREPS[:TEMPO]",
        help="one exercise of several, in place of --exercise, --sets and --tempo; repeatable",
    )
    add_number(
        what, "--rest", 0, inf, "S", "rest between sets (default: 60; with --variety life each is 15 to 240)"
    )
    what.add_argument(
        "--minutes",
        type=option_types.number(0),
        default=0.0,
        metavar="M",
        help="minutes of daily life before the first set, or alone with --exercise none (then 10)",
    )
    what.add_argument(
        "--day",
        choices=list(DAYS),
        default=PLAIN,
        help="kind of daily life: plain, house work, or a gym floor without our exercises (default: plain)",
    )
    what.add_argument(
        "--variety",
        choices=get_args(Variety),
        default="plain",
        help="plain: every set a textbook one; life: coming, ways on and off, range, pace, pauses, failed "
        "reps, weights, rests and how the sensor is worn at random (default: plain)",
    )
    what.add_argument(
        "--calibrate",
        action="store_true",
        help="no sets: stand straight, walk to the bench of --exercise, hold the straight line, get off",
    )
    what.add_argument(
        "--no-lead-in",
        action="store_true",
        help="start directly with the exercise, without standing upright before",
    )
    add_number(
        what, "--cut-after", 0, inf, "S", "stop recording S seconds after the last rep (default: walk away)"
    )
    _add_execution(parser)


def _add_execution(parser: argparse.ArgumentParser) -> None:
    how = parser.add_argument_group("how the exercise is done")
    add_number(how, "--load", 0, 500, "KG", "weight, which slows and shortens reps", 0.0)
    how.add_argument("--arms", choices=list(ARMS), default="crossed", help="default: crossed")
    add_number(how, "--static-hold", 0, 600, "S", "hold at the top of each rep")
    add_number(how, "--slow-eccentric", 0.2, 60, "S", "duration of each lowering")
    how.add_argument("--momentum", action="store_true", help="fast start, overshoot, rebound at the bottom")
    add_number(
        how,
        "--over-line",
        -60,
        60,
        "DEG",
        "top over the straight line, or, if negative, under it (default: the exercise's top)",
    )
    how.add_argument("--roll-up", action="store_true", help="raise the trunk one vertebra after another")
    how.add_argument("--end-at-top", action="store_true", help="stop at the top of the last rep")
    for option, example, text in (
        ("--partial", "4,9", "reps with half the range"),
        ("--hesitate", "3,8", "reps that stop midway"),
    ):
        how.add_argument(option, type=option_types.numbers, default=(), metavar=example, help=text)
    add_number(
        how,
        "--fatigue",
        0,
        3,
        "FRACTION",
        "how much longer the last concentric takes (default: 0.1, or 0 with --no-variation)",
    )
    how.add_argument("--no-variation", action="store_true", help="all reps the same, exactly at the tempo")
    texture = "scale of breathing, tremor, sway and rough movement, which the truth leaves out"
    add_number(how, "--texture", 0, inf, "X", texture, 1.0)


def session_of(options: argparse.Namespace) -> Session:
    """Build the session that the options ask for. Raises ValueError with a message for the user."""
    if bool(options.block) == bool(options.exercise):
        msg = "say what to do: either --exercise, or one --block or more"
        raise ValueError(msg)
    blocks = options.block or [(options.exercise, options.sets, options.tempo)]
    if options.exercise == NONE:
        return Session(
            daily_s=60.0 * (options.minutes or 10.0),
            day=options.day,
            variety=options.variety,
            lead_in=not options.no_lead_in,
            person_seed=options.person,
        )
    if options.calibrate:
        if not options.exercise or EXERCISES[options.exercise].place != "bench":
            msg = "only what is done on a bench has a straight line: --exercise back_extension_45 or _90"
            raise ValueError(msg)
        return Session(calibrated=EXERCISES[options.exercise], person_seed=options.person)
    fatigue = options.fatigue
    if fatigue is None:
        fatigue = 0.0 if options.no_variation else 0.1
    plans = [
        SetPlan(
            exercise=EXERCISES[name],
            reps=reps,
            tempo=tempo,
            load_kg=options.load,
            arms=options.arms,
            top_hold_s=options.static_hold,
            eccentric_s=options.slow_eccentric,
            momentum=options.momentum,
            over_line_deg=options.over_line,
            roll_up=options.roll_up,
            ends_at_top=options.end_at_top,
            partial=options.partial,
            hesitate=options.hesitate,
            fatigue=fatigue,
        )
        for name, (sets, reps), tempo in blocks
        for _ in range(sets)
    ]
    return Session(
        sets=tuple(plans),
        rest_s=options.rest,
        lead_in=not options.no_lead_in,
        daily_s=60.0 * options.minutes,
        day=options.day,
        variety=options.variety,
        person_seed=options.person,
        cut_after_s=options.cut_after,
    )

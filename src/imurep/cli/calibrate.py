"""``imurep calibrate``: keep where a person's straight line is."""

from __future__ import annotations

import argparse

from imurep.cli.error_output import print_warnings
from imurep.cli.user_lines import ME, add_person, keep_line
from imurep.errors import ConfigError, RecordingError
from imurep.exercises import EXERCISES, exercise_named

_BENCHES = [name for name, exercise in EXERCISES.items() if exercise.form.straight_line]

_DESCRIPTION = """\
Measures and stores how far the trunk leans when it is in line with the legs, so
that run, replay and report show tops that go over that line.

Record this, with the sensor on: stand straight and still for five seconds, walk
to the bench, get on, and hold the straight line for five seconds or more,
longer than any other pose. Then get off. Do it twice: how well you find the
line again is the largest error.

The line is stored per person, sensor and exercise; the strap may be elsewhere
the next time. Calibrate again for another bench. A running service uses the new
line a few seconds later.
"""

_EPILOG = """\
examples:
  imurep calibrate line.jsonl.gz --exercise back_extension_45
  imurep calibrate line.csv --exercise back_extension_90 --person anna
"""


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command's options."""
    parser = commands.add_parser(
        "calibrate",
        help="measure and store a person's straight line",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("recording", metavar="PATH", help="a recording or a CSV file")
    parser.add_argument(
        "--exercise", required=True, metavar="NAME", help=f"exercise of the line: {' or '.join(_BENCHES)}"
    )
    add_person(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Look for the line and keep it."""
    from imurep.counting.assessment.calibration import Calibration  # noqa: PLC0415
    from imurep.offline.replay import Replay  # noqa: PLC0415 with what follows, loads numpy, vqf

    exercise = exercise_named(args.exercise)
    if exercise is None:
        msg = f"name the exercise whose line it is: {' or '.join(_BENCHES)}"
        raise ConfigError(msg)
    calibration = Calibration(exercise)
    replay = Replay(args.recording, observer=calibration.push)
    for _ in replay.events():
        pass  # what is counted on the way does not matter
    print_warnings(args.recording, replay.warnings())
    line_deg = calibration.line_deg
    if line_deg is None:
        msg = f"{args.recording}: {calibration.complaint()}"
        raise RecordingError(msg)
    file = keep_line(args, replay.header.sensor, exercise.name, line_deg)
    print(
        f"{exercise.title}: the straight line of {args.person or ME} is {line_deg:.0f}° from standing "
        f"(sensor {replay.header.sensor}); kept in {file}"
    )
    return 0

"""``imurep report``: draw a recording and what was counted in it."""

from __future__ import annotations

import argparse
from pathlib import Path

from imurep.cli.arguments import add_counting
from imurep.cli.error_output import print_warnings
from imurep.cli.user_lines import add_person, lines_deg
from imurep.exercises import exercise_named
from imurep.formatting.labels import nothing_text, total_text

_DESCRIPTION = """\
Draws the trunk angle over the time of a recording, with sets boxed, phases
shaded and reps numbered, and lists tempo and holds of each rep, so that you see
at a glance whether the counter is right.

Needs matplotlib: pip install 'imurep[report]'
"""

_EPILOG = """\
examples:
  imurep report workout.csv -o workout.html    one file for a browser
  imurep report workout.csv -o workout.png     one tall picture
"""


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command's options."""
    parser = commands.add_parser(
        "report",
        help="draw a recording and what was counted in it",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("recording", metavar="RECORDING", help="a recording or a CSV file")
    parser.add_argument(
        "-o",
        "--output",
        required=True,
        type=Path,
        metavar="FILE",
        help="file to write: FILE.html or FILE.png",
    )
    add_counting(parser)
    add_person(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Write the report and print what is in it."""
    from imurep.offline.analysis import analyze_file  # noqa: PLC0415 loads numpy, vqf
    from imurep.recording import open_recording  # noqa: PLC0415 loads numpy
    from imurep.report import check_output  # noqa: PLC0415 loads numpy

    if args.exercise is not None:
        exercise_named(args.exercise)
    check_output(args.output)
    analysis = analyze_file(
        args.recording, exercise=args.exercise, min_reps=args.min_reps, recent_exercises=args.last_time
    )
    lines = lines_deg(args, open_recording(args.recording).header.sensor)
    analysis.report(args.output, lines_deg=lines)
    if analysis.sets:
        print(f"{args.output}: {total_text(analysis.sets)}")
    else:
        print(f"{args.output}: {nothing_text(args.min_reps, args.exercise)}")
    print_warnings(args.recording, analysis.warnings)
    return 0

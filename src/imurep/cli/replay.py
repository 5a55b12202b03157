"""``imurep replay``: count the sets in recordings."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from imurep.cli.arguments import add_counting, positive_float
from imurep.cli.error_output import print_error, print_warnings
from imurep.cli.user_lines import add_person, lines_deg
from imurep.errors import RecordingError
from imurep.events import GapEvent, PhaseChange, Rep
from imurep.exercises import exercise_named
from imurep.formatting.labels import nothing_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from imurep.cli.tables import ProgressBar
    from imurep.events import Event, ExerciseSet
    from imurep.offline.replay import Replay

_DESCRIPTION = """\
Counts the sets in recordings and prints them: reps, tempo, hold at the top,
range of motion.

A recording is one that imurep made, or a CSV file (gzipped or not) with
  t_s (or t_us, t_ms), acc_x_ms2, acc_y_ms2, acc_z_ms2 (or _g, _mg)
and, if there is a gyroscope, gyr_x_dps, gyr_y_dps, gyr_z_dps (or _rads).
Columns may stand in any order, others are ignored.

Tempo is written eccentric - bottom hold - concentric - top hold, in seconds
(the top is the upright or extended end of the movement); a single dash means
that a value cannot be measured.
"""

_EPILOG = """\
examples:
  imurep replay workout.csv
  imurep replay --exercise deadlift --events rep workout.csv
  imurep replay --json *.csv.gz | jq .repetitions
  imurep replay --speed 1 --events rep workout.csv    in real time

The exit code is 0 even if nothing was counted, and 3 if a PATH could not be
read (the others are counted nevertheless).
"""

_SUFFIXES = (".csv", ".csv.gz", ".jsonl", ".jsonl.gz")


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command's options."""
    parser = commands.add_parser(
        "replay",
        help="count the sets in recordings",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "paths", nargs="+", metavar="PATH", help="a recording, a CSV file, or a directory of them"
    )
    parser.add_argument("--json", action="store_true", help="only JSON lines, for programs, on stdout")
    add_counting(parser)
    add_person(parser)
    parser.add_argument(
        "--events",
        choices=("set", "rep", "all"),
        default="set",
        help="what to print: each set once, in its last version (set, the default); each rep too (rep); "
        "phases and gaps as well (all)",
    )
    parser.add_argument(
        "--speed",
        type=positive_float,
        metavar="X",
        help="replay X times as fast as real time (default: as fast as possible)",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, sleep: Callable[[float], object] = time.sleep) -> int:
    """Replay every path; what cannot be read is named on standard error."""
    from imurep.cli.tables import ProgressBar  # noqa: PLC0415 loads rich

    if args.exercise is not None:
        exercise_named(args.exercise)
    shown = _as_they_come(args)
    code = 0
    # Lines that come while a bar is drawn would run into it, where both go to one terminal.
    with ProgressBar(quiet=args.speed is not None or (bool(shown) and sys.stdout.isatty())) as bar:
        for given in args.paths:
            try:
                paths = _files(given)
            except RecordingError as error:
                code = print_error(error)
                continue
            for path in paths:
                try:
                    _replay(path, args, shown, bar, sleep)
                except RecordingError as error:
                    code = print_error(error)
    return code


def _as_they_come(args: argparse.Namespace) -> tuple[type, ...]:
    """Kinds of events that are printed at once; sets wait for their last version."""
    if args.events == "all":
        return (PhaseChange, Rep, GapEvent)
    # For people, reps have a table at the end; but in real time they are shown as they come.
    live = args.speed is not None and not args.json
    return (Rep,) if live or (args.json and args.events == "rep") else ()


def _replay(
    path: str,
    args: argparse.Namespace,
    shown: tuple[type, ...],
    bar: ProgressBar,
    sleep: Callable[[float], object],
) -> None:
    from imurep.cli.event_lines import to_json  # noqa: PLC0415 with what follows, loads numpy, vqf
    from imurep.cli.tables import event_line  # noqa: PLC0415 loads rich
    from imurep.offline.replay import LastSets, Pace, Replay  # noqa: PLC0415

    replay = Replay(path, exercise=args.exercise, min_reps=args.min_reps, recent_exercises=args.last_time)
    lines = lines_deg(args, replay.header.sensor)
    last = LastSets()
    pace = None if args.speed is None else Pace(args.speed, sleep=sleep)

    def before(arrival_us: int) -> None:
        bar.show(replay.progress, Path(path).name)
        if pace is not None:
            pace(arrival_us)

    def line(event: Event) -> str:
        if args.json:
            return to_json(
                event,
                recording=path,
                sensor=replay.header.sensor,
                person=args.person or "",
                first_us=replay.first_us,
                lines_deg=lines,
            )
        return event_line(event, replay.first_us)

    for event in replay.events(before, live=pace is not None):
        last.add(event)
        if isinstance(event, shown):
            print(line(event), flush=pace is not None)
    if args.json:
        for found in last.in_order():
            print(line(found), flush=pace is not None)
    else:
        _print_tables(path, last.in_order(), replay, args, lines)
    print_warnings(path, replay.warnings())


def _print_tables(
    path: str,
    sets: Sequence[ExerciseSet],
    replay: Replay,
    args: argparse.Namespace,
    lines: Mapping[str, float],
) -> None:
    from imurep.cli.tables import console, rep_table, set_table, set_words  # noqa: PLC0415 loads rich

    out = console()
    if sets:
        out.print(path, style="bold", soft_wrap=True)
        out.print(set_table(sets, replay.first_us))
        out.print(set_words(sets, lines))
    else:
        out.print(f"{path}: {nothing_text(args.min_reps, args.exercise)}", soft_wrap=True)
    if args.events != "set":
        for number, found in enumerate(sets, start=1):
            title = f"set {number}: {found.exercise}"
            out.print(rep_table(found, replay.first_us, title, lines))


def _files(given: str) -> list[str]:
    """The path itself, or the recordings in it when it is a directory."""
    directory = Path(given)
    if not directory.is_dir():
        return [given]
    found = sorted(str(path) for path in directory.iterdir() if path.name.endswith(_SUFFIXES))
    if not found:
        msg = f"{given}: no recording in this directory; they end in {', '.join(_SUFFIXES)}"
        raise RecordingError(msg)
    return found

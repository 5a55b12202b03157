"""``imurep log``: what there is of sets on disk."""

from __future__ import annotations

import argparse
import csv
import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from imurep.cli.arguments import positive_float
from imurep.cli.user_lines import LOCKED_S, add_data_directory, data_directory, print_problem
from imurep.errors import SinkError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imurep.log import Database, StoredSet

_DESCRIPTION = """\
imurep run keeps every set in one file, sets.sqlite in the data directory, until
you delete it. These commands use the file, also while the service runs.
"""

_EPILOG = """\
examples:
  imurep log list --days 7
  imurep log export --format csv > sets.csv
  imurep log backup /media/stick/sets.sqlite
  imurep log prune --older-than 730
"""

_ALL_DAYS = 36500.0
_COLUMNS = (
    "started",
    "ended",
    "sensor",
    "person",
    "exercise",
    "repetitions",
    "full_repetitions",
    "load_kg",
    "range_of_motion_deg",
    "id",
    "version",
)
"""Of a CSV file; JSON has everything."""


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its parts."""
    parser = commands.add_parser(
        "log",
        help="list, export, back up or prune the sets on disk",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parts = parser.add_subparsers(metavar="WHAT", required=True)
    shown = parts.add_parser("list", help="show a table of sets")
    exported = parts.add_parser("export", help="print each set with all its fields")
    exported.add_argument(
        "--format", choices=("json", "csv"), default="json", help="json (JSON lines, the default) or csv"
    )
    for part in (shown, exported):
        part.add_argument(
            "--days", type=positive_float, default=_ALL_DAYS, metavar="N", help="only sets of the last N days"
        )
    backup = parts.add_parser("backup", help="copy the whole log, consistent at any moment")
    backup.add_argument("file", type=Path, metavar="FILE", help="file to write; replaced if it exists")
    prune = parts.add_parser("prune", help="delete old sets permanently")
    prune.add_argument("--older-than", type=positive_float, required=True, metavar="DAYS", help="age in days")
    for part, run in ((shown, _list), (exported, _export), (backup, _backup), (prune, _prune)):
        add_data_directory(part, "directory of the log")
        part.set_defaults(run=run)


def _list(args: argparse.Namespace) -> int:
    from imurep.cli.tables import console, table  # noqa: PLC0415 loads rich
    from imurep.exercises import title_of  # noqa: PLC0415

    with _opened(args) as database:
        sets = _that_count(database.since(_since(args.days)))
    made = table("started", "sensor", "person", "exercise", "reps", left=("sensor", "person", "exercise"))
    for stored in sets:
        payload = stored.payload
        made.add_row(
            f"{stored.started_utc.astimezone():%Y-%m-%d %H:%M}",
            stored.sensor,
            stored.person,
            title_of(payload["exercise"]),
            str(payload["repetitions"]),
        )
    console().print(made if sets else "no sets")
    return 0


def _export(args: argparse.Namespace) -> int:
    with _opened(args) as database:
        sets = _that_count(database.since(_since(args.days)))
    if args.format == "json":
        for stored in sets:
            print(json.dumps(dict(stored.payload), allow_nan=False))
        return 0
    writer = csv.DictWriter(sys.stdout, _COLUMNS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(dict(stored.payload) for stored in sets)
    return 0


def _backup(args: argparse.Namespace) -> int:
    with _opened(args) as database:
        try:
            database.back_up(args.file)
        except OSError as error:
            msg = f"{args.file}: {error.strerror}; choose another place"
            raise SinkError(msg) from error
    print(f"copied to {args.file}")
    return 0


def _prune(args: argparse.Namespace) -> int:
    with _opened(args) as database:
        count = database.prune(_since(args.older_than))
    print(f"deleted {count}; sets that no broker has taken yet are kept")
    return 0


def _opened(args: argparse.Namespace) -> Database:
    from imurep.log import FILE_NAME, Database  # noqa: PLC0415

    return Database(data_directory(args) / FILE_NAME, create=False, locked_s=LOCKED_S, report=print_problem)


def _since(days: float) -> datetime:
    return datetime.now(UTC) - timedelta(days=days)


def _that_count(sets: Iterable[StoredSet]) -> list[StoredSet]:
    return [stored for stored in sets if not stored.withdrawn]

"""Options for a person's straight lines, and access to them in the data directory or in a file."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from imurep.cli.error_output import print_note
from imurep.errors import SinkError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from imurep.log.user_data import UserData

ME = "me"
"""Name of the person where none was given."""
LOCKED_S = 10.0
"""How long another program may write; on a slow card that takes a moment."""


def add_data_directory(parser: argparse.ArgumentParser, what: str) -> None:
    """Add ``--config`` and ``--data-dir``."""
    parser.add_argument("--config", type=Path, metavar="FILE", help="settings file")
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help=what)


def add_person(parser: argparse.ArgumentParser) -> None:
    """Add ``--person``, ``--store``, ``--config`` and ``--data-dir``."""
    parser.add_argument("--person", metavar="NAME", help=f"whose straight line it is (default: {ME})")
    parser.add_argument(
        "--store",
        type=Path,
        metavar="FILE",
        help="a JSON file with straight lines (default: those in the data directory)",
    )
    add_data_directory(parser, "directory where imurep run keeps sets and straight lines")


def data_directory(args: argparse.Namespace) -> Path:
    """The data directory of the options, else of the settings. Raises ConfigError."""
    from imurep.config import load  # noqa: PLC0415 loads pydantic

    flags = {"data": {"directory": args.data_dir}} if args.data_dir else {}
    return load(args.config, flags).data.directory


@contextmanager
def user_data_in(directory: Path, *, create: bool = True) -> Iterator[UserData]:
    """The user data of a data directory, made where it is missing and ``create`` allows. Raises SinkError.

    What earlier versions kept in JSON files is taken over first.
    """
    from imurep.log import FILE_NAME, Database  # noqa: PLC0415 with what follows, loads structlog
    from imurep.log.takeover import take_over  # noqa: PLC0415
    from imurep.log.user_data import UserData  # noqa: PLC0415

    try:
        if create:
            directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        msg = f"{directory}: {error.strerror}; choose another place with --data-dir"
        raise SinkError(msg) from error
    file = directory / FILE_NAME
    with Database(file, create=create, locked_s=LOCKED_S, report=print_problem) as database:
        take_over(database)
        yield UserData(database)


def has_user_data(directory: Path) -> bool:
    """Whether a data directory has any, or may take some over."""
    from imurep.log import FILE_NAME  # noqa: PLC0415 loads structlog
    from imurep.log.takeover import has_json_files  # noqa: PLC0415

    return (directory / FILE_NAME).is_file() or has_json_files(directory)


def lines_in(directory: Path, person: str, sensor: str) -> dict[str, float]:
    """Straight lines of a person, as a sensor has measured them, by exercise. Raises SinkError.

    Makes nothing where there is nothing yet.
    """
    if not has_user_data(directory):
        return {}
    with user_data_in(directory) as user_data:
        lines = user_data.lines_deg()
    return {exercise: deg for (whose, by, exercise), deg in lines.items() if (whose, by) == (person, sensor)}


def lines_deg(args: argparse.Namespace, sensor: str) -> dict[str, float]:
    """Straight lines that the options lead to, by exercise. Raises ConfigError and SinkError."""
    from imurep.log.json_store import JsonStore  # noqa: PLC0415 loads structlog

    person = args.person or ME
    if args.store is not None:
        return JsonStore(args.store).lines_deg(person, sensor)
    return lines_in(data_directory(args), person, sensor)


def keep_line(args: argparse.Namespace, sensor: str, exercise: str, line_deg: float) -> Path:
    """Keep a straight line where the options lead to; gives the file. Raises ConfigError and SinkError."""
    from imurep.log.json_store import JsonStore  # noqa: PLC0415 loads structlog

    person = args.person or ME
    if args.store is not None:
        JsonStore(args.store).set_line(person, sensor, exercise, line_deg)
        return Path(args.store)
    directory = data_directory(args)
    with user_data_in(directory) as user_data:
        user_data.set_line(person, sensor, exercise, line_deg)
        return user_data.database.path


def print_problem(problem: str) -> None:
    """Print a problem with stored data, which is no reason to stop."""
    print_note(f"imurep: {problem}")

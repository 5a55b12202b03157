"""The command ``imurep``: one module per subcommand, each with ``add`` (its options) and ``run``.

Libraries that take long to load are imported where a command runs, so that
``imurep --help`` answers at once.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import sys
from typing import TYPE_CHECKING

from imurep.cli import (
    calibrate,
    demo,
    doctor,
    evaluate,
    forget,
    log,
    record,
    replay,
    report,
    run,
    scan,
    watch,
)
from imurep.cli.error_output import print_error
from imurep.errors import ConfigError, ImurepError
from imurep.util.version import installed_version

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMANDS = (demo, scan, run, watch, log, calibrate, record, replay, report, evaluate, forget, doctor)

_INTERRUPTED = 130
_BROKEN_PIPE = 141
"""What a shell reports for a program that SIGINT or SIGPIPE ended."""

_DESCRIPTION = """\
Counts the reps of hinge exercises - back extensions, deadlifts, good mornings,
kettlebell swings - from a motion sensor worn on the torso, and measures their
tempo, holds and range of motion.
"""

_EPILOG = """\
examples:
  imurep replay workout.csv                    count the sets in a recording
  imurep report workout.csv -o workout.html    see where every rep was counted
  imurep COMMAND --help                        all options of a command

exit codes:
  0 success (even if nothing was counted)  2 wrong option or setting
  3 a recording cannot be read or written  4 a sensor cannot be reached
  5 a broker or the log of sets cannot be used
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code; argparse ends the program itself for ``--help``."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without Unicode is no reason to stop
    parser = _parser()
    args = parser.parse_args(argv)
    if args.run is None:
        parser.print_help(sys.stderr)
        return ConfigError.exit_code
    try:
        code: int = args.run(args)
        sys.stdout.flush()
    except ImurepError as error:
        return print_error(error)
    except BrokenPipeError:
        # The reader has gone (`imurep ... | head`): nothing can be printed any more, not even at exit.
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _BROKEN_PIPE
    except KeyboardInterrupt:
        return _INTERRUPTED
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="imurep",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"imurep {installed_version()}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    parser.set_defaults(run=None)
    for module in COMMANDS:
        module.add(commands)
    return parser

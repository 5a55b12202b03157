"""Programs that end when this one does, however it ends.

A program that is killed cannot end its children. So this file runs as a
program between the two: it starts the child, and reads from a pipe that nothing
is written to. When the parent ends, the operating system closes the pipe, and
the child is terminated.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading

END_S = 20.0
"""A child that has not ended in this time is killed."""


def supervised(*command: str) -> list[str]:
    """The command that runs ``command`` until standard input ends.

    Start it with a pipe there, and close the pipe to end it.
    """
    # By its path, and isolated: it needs nothing of this package, wherever that is.
    return [sys.executable, "-I", __file__, *command]


def main() -> int:
    """Run what is left of the command line; gives its exit code."""
    child = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)  # noqa: S603 what we were started for
    threading.Thread(target=_hold, args=[child], daemon=True).start()
    return child.wait()


def _hold(child: subprocess.Popen[bytes]) -> None:
    while os.read(0, 1):
        pass
    child.terminate()
    try:
        child.wait(END_S)
    except subprocess.TimeoutExpired:
        child.kill()


if __name__ == "__main__":
    sys.exit(main())

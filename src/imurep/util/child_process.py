"""Programs that end when this one does, however it ends.

Whoever is killed cannot end their children. So between the two stands this file
as a program of its own: it runs the child, and reads from a pipe that nobody
writes to. The pipe ends with whoever holds its other end, on every system, and
then the child is told to end, too.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading

END_S = 20.0
"""Who does not end in this time is killed."""


def supervised(*command: str) -> list[str]:
    """The command that runs ``command`` on a leash: it ends when the standard input does.

    Start it with a pipe there, and close that to end it.
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

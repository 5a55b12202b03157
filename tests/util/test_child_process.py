"""Real programs, one of which is killed: the end of a pipe tells when all that hold it have ended."""

from __future__ import annotations

import subprocess
import sys

from imurep.util.child_process import supervised

PATIENCE_S = 60.0
SLEEPS = "import time; print('up', flush=True); time.sleep(3600)"
HOLDS = """
import subprocess, sys, time
from imurep.util.child_process import supervised
child = subprocess.Popen(supervised(sys.executable, "-c", sys.argv[1]), stdin=subprocess.PIPE)
time.sleep(3600)
"""


def test_who_is_killed_leaves_nobody_behind() -> None:
    with subprocess.Popen([sys.executable, "-c", HOLDS, SLEEPS], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "up\n"
        holder.kill()
        assert holder.communicate(timeout=PATIENCE_S)[0] == ""


def test_it_ends_with_the_pipe() -> None:
    with subprocess.Popen(
        supervised(sys.executable, "-c", SLEEPS), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "up\n"
        assert child.communicate(timeout=PATIENCE_S)[0] == ""


def test_a_program_that_ends_by_itself_gives_its_exit_code() -> None:
    with subprocess.Popen(
        supervised(sys.executable, "-c", "raise SystemExit(3)"), stdin=subprocess.PIPE
    ) as child:
        assert child.wait(PATIENCE_S) == 3

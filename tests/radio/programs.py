"""Programs of this project, started by a test, that can be killed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
PATIENCE_S = 240.0
"""Only a test that fails takes so long."""


class Program:
    """A Python module as a program; what it prints is kept."""

    def __init__(self, *command: object, **environment: str) -> None:
        """Start it; ``environment`` is beside this process's own."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", *map(str, command)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, **environment},
        )
        self.lines: list[str] = []
        self._changed = threading.Condition()
        self._ended = False
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    @property
    def pid(self) -> int:
        """Number of the process."""
        return self._process.pid

    def until(self, what: Callable[[str], bool]) -> str:
        """Wait for the first line that is wanted, of those too that were printed before."""
        with self._changed:
            came = self._changed.wait_for(lambda: any(map(what, self.lines)) or self._ended, PATIENCE_S)
            found = next(filter(what, self.lines), None)
        assert found is not None, f"{'ended' if came else 'waited in vain'}: {self.lines}"
        return found

    def line(self, number: int) -> str:
        """Wait for so many lines and one; that one."""
        self.until(lambda _: len(self.lines) > number)
        return self.lines[number]

    def word(self, name: str) -> str:
        """Wait for the line that begins with a word, or some; the rest of it."""
        return self.until(lambda line: line.startswith(f"{name} ")).removeprefix(name).strip()

    def kill(self) -> None:
        """SIGKILL: it has no chance to do anything about it."""
        self._process.kill()
        self._over()

    def stop(self) -> int:
        """SIGTERM, as a service manager does; its exit code."""
        self._process.terminate()
        return self._over()

    def _over(self) -> int:
        code = self._process.wait(PATIENCE_S)
        self._reader.join()
        return code

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                with self._changed:
                    self.lines.append(line)
                    self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()


class PacedService(Program):
    """`imurep run`, living faster, in JSON lines (``tests.radio.paced``)."""

    def __init__(self, *options: object, speed: float, since_unix_s: float) -> None:
        super().__init__("tests.radio.paced", speed, since_unix_s, *options)

    def values_of(self, key: str) -> list[Any]:
        """Values under a key, in order."""
        return [line[key] for line in map(json.loads, self.lines) if key in line]

    def links(self) -> list[str]:
        """Each state of the link once, in order."""
        links = self.values_of("link")
        return [link for at, link in enumerate(links) if at == 0 or link != links[at - 1]]

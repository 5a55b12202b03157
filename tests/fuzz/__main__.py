"""Fuzzes one target, guided by coverage: python -m tests.fuzz TARGET SECONDS.

Needs atheris (extra ``fuzz``). What it finds is written to the folder ``.fuzz``.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["imurep"]):
    from tests.fuzz.targets import TARGETS

FOUND = Path(".fuzz")


def main(name: str, seconds: str) -> None:
    run, seeds = TARGETS[name]
    FOUND.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as corpus:
        for number, seed in enumerate(seeds()):
            (Path(corpus) / str(number)).write_bytes(seed)
        options = [f"-max_total_time={seconds}", "-max_len=2048", "-timeout=10", "-rss_limit_mb=4096"]
        atheris.Setup([sys.argv[0], *options, f"-artifact_prefix={FOUND}/{name}-", corpus], run)
        atheris.Fuzz()


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Write the library of simulated recordings from ``index.toml``, or check the committed one against it.

    python recordings/make.py            write all
    python recordings/make.py deadlift   write some
    python recordings/make.py --check    write all elsewhere and compare, byte by byte

Run it where ``firmware_sim`` can be imported: in the environment of ``make``.
"""

from __future__ import annotations

import argparse
import filecmp
import gzip
import multiprocessing
import os
import shlex
import sys
import tempfile
import tomllib
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from firmware_sim.programs.cli import main as simulate

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Entry:
    """One recording of the library."""

    name: str
    story: str
    seed: int
    options: str

    @property
    def arguments(self) -> list[str]:
        """Arguments of firmware_sim, but for the place of the output."""
        return [*shlex.split(self.options), "--seed", str(self.seed)]

    @property
    def files(self) -> tuple[str, str]:
        """Names of the recording and of its truth."""
        return f"{self.name}.jsonl.gz", f"{self.name}.truth.json"


def read_index() -> list[Entry]:
    """Read what the library holds."""
    index = tomllib.loads((HERE / "index.toml").read_text(encoding="utf-8"))
    return [Entry(**entry) for entry in index["recording"]]


def make(entry: Entry, folder: Path) -> None:
    """Write one recording and its truth."""
    simulate(["record", str(folder / entry.name), *entry.arguments])


def differences(entry: Entry, folder: Path) -> list[str]:
    """Describe how the committed files differ from those in ``folder``."""
    found = []
    for name in entry.files:
        committed, made = HERE / name, folder / name
        if not committed.exists():
            found.append(f"{name}: not there")
        elif not filecmp.cmp(committed, made, shallow=False):
            same = name.endswith(".gz") and gzip.decompress(committed.read_bytes()) == gzip.decompress(
                made.read_bytes()
            )
            found.append(f"{name}: {'packed by another zlib, same content' if same else 'another content'}")
    return found


def main() -> int:
    """Write or check; exit code 1 when something differs."""
    parser = argparse.ArgumentParser(description="Write the library of simulated recordings, or check it.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these (default: all)")
    parser.add_argument(
        "--check", action="store_true", help="compare with the committed files, writing nothing"
    )
    args = parser.parse_args()
    entries = [entry for entry in read_index() if not args.names or entry.name in args.names]
    if not entries:
        parser.error("no such recording in index.toml")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) if args.check else HERE
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(os.cpu_count(), mp_context=context) as pool:
            for waiting in [pool.submit(make, entry, folder) for entry in entries]:
                waiting.result()
        if not args.check:
            return 0
        found = [text for entry in entries for text in differences(entry, folder)]
    for text in found:
        print(text, file=sys.stderr)
    if not found:
        print(f"{len(entries)} recordings are what index.toml says, byte by byte")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

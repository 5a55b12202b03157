"""The committed sample is what its script writes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

RECORDINGS = Path(__file__).parents[1] / "recordings"


def test_script_reproduces_the_committed_bytes(tmp_path: Path) -> None:
    again = tmp_path / "again.csv"
    subprocess.run([sys.executable, RECORDINGS / "make_sample.py", again], check=True, capture_output=True)
    assert again.read_bytes() == (RECORDINGS / "sample.csv").read_bytes()

"""``python -m tests.accuracy.cut_bends DIR``: count single bends that are cut out of real recordings.

When a bend was done is taken from the whole recording, counted with one rep a set. Then the same
bend has to be found in what is left when the recording is cut shortly before and after it.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from imurep import analyze
from tests.accuracy.targets import Line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from imurep.offline.analysis import Analysis

MARGINS_S = (1.0, 0.5)
NEEDED = 0.9
"""Share of the bends that has to be found with the first of these margins."""


def lines(folder: Path) -> Iterator[Line]:
    """One line for each margin."""
    rows = json.loads((folder / "index.json").read_text())
    recordings = [_samples(folder / row["file"]) for row in rows if row["reps"] == 1]
    spans = [_span_s(_counted(samples)) for samples in recordings]
    for margin_s in MARGINS_S:
        found = sum(
            span is not None and _repetitions(_counted(_cut(samples, span, margin_s))) == 1
            for samples, span in zip(recordings, spans, strict=True)
        )
        needed = margin_s == MARGINS_S[0]
        yield Line(
            what=f"single bends cut {margin_s:g} s before and after",
            target=f">= {NEEDED:.0%}" if needed else "",
            reached=f"{found} of {len(spans)}",
            met=found >= NEEDED * len(spans) if needed else None,
        )


def _samples(path: Path) -> NDArray[np.float64]:
    """Time in s, acceleration in m/s2 and angular rate in deg/s, shape (n, 4) or (n, 7)."""
    samples: NDArray[np.float64] = np.loadtxt(path, delimiter=",", skiprows=1)
    return samples


def _counted(samples: NDArray[np.float64]) -> Analysis:
    rates_rads = np.radians(samples[:, 4:7]) if samples.shape[1] > 4 else None
    return analyze(samples[:, 0], samples[:, 1:4], rates_rads, min_reps=1)


def _repetitions(found: Analysis) -> int:
    return sum(one.repetitions for one in found.sets)


def _span_s(found: Analysis) -> tuple[float, float] | None:
    """Begin and end of the only rep; None where there is another number of them."""
    reps = [rep for one in found.sets for rep in one.reps]
    if len(reps) != 1:
        return None
    return reps[0].start_us / 1e6, (reps[0].end_us or reps[0].top_us) / 1e6


def _cut(samples: NDArray[np.float64], span_s: tuple[float, float], margin_s: float) -> NDArray[np.float64]:
    time_s = samples[:, 0]
    return samples[(time_s >= span_s[0] - margin_s) & (time_s <= span_s[1] + margin_s)]


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    for line in lines(parser.parse_args(argv).data):
        print(f"{line.what:45}{line.target:>8}  {line.reached}")


if __name__ == "__main__":
    main()

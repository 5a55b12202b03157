"""Where a sensor sits and how its strap gives way; the accelerometer of a Polar H10."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from firmware_sim.person.random_streams import RandomStreams
from firmware_sim.person.workout import Session
from firmware_sim.programs.cli import main
from firmware_sim.sensor.measurement import POLAR_H10, ImuSettings, measure
from firmware_sim.sensor.sensor_setup import DRAWN_PLACES, PLACES, SensorSetup, ideal_session

if TYPE_CHECKING:
    from pathlib import Path

    from firmware_sim.sensor.sensor_setup import IdealSession

STANDING = Session(daily_s=1.0)


def worn(seed: int = 1, **options: Any) -> IdealSession:  # noqa: ANN401 any field of a SensorSetup
    return ideal_session(STANDING, SensorSetup(mounting=(1, 0, 0, 0), **options), seed)


@pytest.mark.parametrize("place", PLACES)
def test_a_place_has_its_lever(place: str) -> None:
    where = PLACES[place]
    for seed in range(3):
        up_m, side_m, forward_m = worn(seed, place=place).strap.lever_m
        assert where.up_m[0] <= up_m <= where.up_m[1]
        assert side_m == pytest.approx(where.side_m, abs=0.08)
        assert where.away_m[0] <= (-forward_m if where.behind else forward_m) <= where.away_m[1]


def test_variety_draws_place_creeping_and_ringing() -> None:
    straps = [worn(seed, variety="life").strap for seed in range(30)]
    assert {strap.place for strap in straps} == set(DRAWN_PLACES)
    assert all(8 <= strap.wobble_hz <= 15 and 0.1 <= strap.wobble_damping <= 0.3 for strap in straps)
    assert np.std([strap.creep_deg for strap in straps]) == pytest.approx(3.0, rel=0.5)


def test_what_is_asked_for_is_not_drawn() -> None:
    strap = worn(5, variety="life", place="chest", creep_deg=0.0).strap
    assert (strap.place, strap.creep_deg) == ("chest", 0.0)


def test_a_creeping_strap_turns_evenly() -> None:
    still, creeping = worn(2), worn(2, creep_deg=60.0)
    angles = [
        np.degrees(
            np.arccos(
                np.clip(
                    np.sum(still.force_ms2[at] * creeping.force_ms2[at])
                    / np.linalg.norm(still.force_ms2[at])
                    / np.linalg.norm(creeping.force_ms2[at]),
                    -1,
                    1,
                )
            )
        )
        for at in (0, still.force_ms2.shape[0] - 1)
    ]
    assert angles[0] == pytest.approx(0.0, abs=0.01)
    assert angles[1] == pytest.approx(60.0 * still.motion.t_s[-1] / 600.0, rel=0.1)


def test_a_polar_h10_measures_whole_mg_and_no_rate(tmp_path: Path) -> None:
    options = ["--exercise", "deadlift", "--sets", "1x2", "--sensor", "polar-h10", "--rate", "50"]
    assert main(["record", str(tmp_path / "one"), *options]) == 0
    made = json.loads((tmp_path / "one.truth.json").read_text())["simulation"]["sensor"]
    assert (made["part"], made["place"], made["gyroscope"]) == ("Polar H10", "chest", False)
    assert made["rate_nominal_hz"] == 50


def test_its_counts_are_mg() -> None:
    worn_still = worn(3)
    sampled_s = np.arange(0.0, 4.0, 0.01)
    settings = ImuSettings(part=POLAR_H10, rate_hz=100, gyroscope=False, errors=0.0)
    t_s = worn_still.motion.t_s
    samples = measure(t_s, worn_still.force_ms2, worn_still.rate_rads, sampled_s, settings, RandomStreams(1))
    assert (samples.acc_g_per_lsb, samples.gyr_dps_per_lsb) == (0.001, None)
    assert np.linalg.norm(samples.counts, axis=1).mean() == pytest.approx(1000, abs=5)


@pytest.mark.parametrize("wrong", [["--rate", "104"], ["--acc-range", "16"]])
def test_a_polar_h10_refuses_what_it_has_not(
    wrong: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["record", str(tmp_path / "one"), "--exercise", "none", "--sensor", "polar-h10", *wrong])
    assert f"has no {wrong[0]} {wrong[1]}" in capsys.readouterr().err


def test_a_varied_recording_is_the_same_again(tmp_path: Path) -> None:
    options = [
        "--exercise",
        "good_morning",
        "--sets",
        "2x2",
        "--rest",
        "20",
        "--variety",
        "life",
        "--seed",
        "9",
    ]
    packed = []
    for folder in ("a", "b"):
        assert main(["record", str(tmp_path / folder / "one"), *options]) == 0
        packed.append((tmp_path / folder / "one.jsonl.gz").read_bytes())
    assert gzip.decompress(packed[0])
    assert packed[0] == packed[1]

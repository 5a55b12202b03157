"""The encoder against vectors that were worked by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from firmware_sim.sensor.control import Operation, Status, Terms, response, terms_body
from firmware_sim.sensor.packets import DataHeader, data_payload

GOLDEN: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "golden" / "packets.json").read_text(encoding="utf-8")
)
STARTS = ("acc_gyr", "acc")


def ratio(pair: list[int] | None) -> float | None:
    return None if pair is None else pair[0] / pair[1]


@pytest.mark.parametrize("name", STARTS)
def test_responses_are_the_golden_ones(name: str) -> None:
    golden = GOLDEN["responses"][name]
    wire = bytes.fromhex(golden["hex"])
    # What the table of values leaves out stands in the comments: request, samples per packet, first index.
    more = {"acc_gyr": (0x2A, 18, 123456, None), "acc": (0x2B, 37, 0, 1)}[name]
    terms = Terms(
        rate_mhz=golden["rate_mhz"],
        stream=golden["stream"],
        acc_g_per_lsb=ratio(golden["acc_g_per_lsb"]),
        gyr_dps_per_lsb=ratio(golden["gyr_dps_per_lsb"]),
        samples_per_packet=more[1],
        first_index=more[2],
        layout=more[3],
    )
    assert response(Operation.START, more[0], Status.DONE, terms_body(terms)) == wire


@pytest.mark.parametrize("golden", GOLDEN["packets"], ids=lambda golden: golden["name"])
def test_packets_are_the_golden_ones(golden: dict[str, Any]) -> None:
    wire = bytes.fromhex(golden["hex"])
    fields = golden["fields"]
    header = DataHeader(
        stream=fields["stream"],
        layout=fields["layout"],
        sequence=fields["sequence"] or 0,
        index=fields["index"],
        t_us=fields["time_us"],
        flags=wire[1],
    )
    assert data_payload(header, np.array(golden["samples"], dtype=np.int16)) == wire


def test_counters_wrap() -> None:
    header = DataHeader(stream=1, layout=1, sequence=65536 + 5, index=2**32 + 9, t_us=0)
    wire = data_payload(header, np.zeros((1, 3), dtype=np.int16))
    assert wire[4:6] == b"\x05\x00"
    assert wire[8:12] == b"\x09\x00\x00\x00"

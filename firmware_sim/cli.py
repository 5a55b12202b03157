"""``python -m firmware_sim record``: options in, a recording and its truth out."""

from __future__ import annotations

import argparse
import hashlib
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from firmware_sim.exercises import EXERCISES
from firmware_sim.options import add_options, sensor_of, session_of
from firmware_sim.recording import Heading, write_recording
from firmware_sim.simulate import knobs, simulate
from firmware_sim.truth import truth_json

if TYPE_CHECKING:
    from collections.abc import Sequence

UTC = "2025-01-01T12:00:00+00:00"
"""Every simulated session starts then: the same seed has to give the same bytes."""

EPILOG = f"""exercises: {", ".join(EXERCISES)}; none for daily life.

examples:
  python -m firmware_sim record out/plain --exercise back_extension_45 --sets 3x12 --tempo 3-1-2-1 --seed 7
  python -m firmware_sim record out/mixed --block deadlift:3x5 --block kettlebell_swing:2x15 --load 60
  python -m firmware_sim record out/slip --exercise good_morning --sets 1x10 --slip 30 --mounting random
  python -m firmware_sim record out/quiet --exercise none --minutes 10
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; exit code 2 for options that make no sense."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    parser = argparse.ArgumentParser(prog="python -m firmware_sim", description="A simulated IMU on a torso.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    record = commands.add_parser(
        "record",
        help="write a simulated session: OUT.jsonl.gz and OUT.truth.json",
        description="Write a simulated session as OUT.jsonl.gz, and what truly happened as OUT.truth.json.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_options(record)
    options = parser.parse_args(arguments)
    try:
        _record(options, arguments)
    except ValueError as error:
        record.error(str(error))
    except OSError as error:
        record.error(f"{error.filename}: {error.strerror}; choose another place for OUT")
    return 0


def _record(options: argparse.Namespace, arguments: list[str]) -> None:
    out = Path(options.out)
    name = out.name.removesuffix(".gz").removesuffix(".jsonl")
    session = session_of(options)
    sensor = sensor_of(options)
    made = simulate(
        session, sensor, options.seed, variation=0.0 if options.no_variation else 1.0, texture=options.texture
    )

    out.parent.mkdir(parents=True, exist_ok=True)
    recording = out.with_name(f"{name}.jsonl.gz")
    # Where the file lies is no part of what it is: the same command elsewhere gives the same bytes.
    named = [name if argument == options.out else argument for argument in arguments]
    command = f"python -m firmware_sim {shlex.join(named)}"
    heading = Heading(session=_session_id(command), sensor="sim", utc=UTC)
    write_recording(recording, heading, made.delivery.notifications)
    truth = truth_json(
        recording=recording.name,
        duration_s=made.duration_s,
        sets=made.sets,
        quiet=made.quiet,
        simulation={
            "program": "firmware_sim",
            "command": command,
            "seed": options.seed,
            "sensor": knobs(sensor, made),
        },
    )
    out.with_name(f"{name}.truth.json").write_text(truth, encoding="utf-8")
    reps = sum(len(one.reps) for one in made.sets)
    sys.stdout.write(
        f"{recording}: {made.duration_s:.0f} s, {len(made.sets)} sets, {reps} reps, "
        f"{made.delivery.packets_lost} of {made.delivery.packets_sent} packets lost\n"
    )


def _session_id(command: str) -> str:
    """Two recordings must not share a session, and the same command has to give the same one."""
    return f"sim-{hashlib.sha256(command.encode()).hexdigest()[:12]}"

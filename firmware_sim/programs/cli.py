"""``python -m firmware_sim``: ``record`` writes a session and its truth, ``serve`` runs sensors."""

from __future__ import annotations

import argparse
import hashlib
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from firmware_sim.person.exercises import EXERCISES
from firmware_sim.person.truth import truth_json
from firmware_sim.programs.record_options import add_record_options, link_of
from firmware_sim.programs.recording_file import RecordingHeader, write_recording
from firmware_sim.programs.sensor_options import add_sensor_options, setup_of
from firmware_sim.programs.serve_options import add_serve_options
from firmware_sim.programs.simulate import sensor_json, simulate
from firmware_sim.programs.workout_options import add_workout_options, session_of

if TYPE_CHECKING:
    from collections.abc import Sequence

UTC = "2025-01-01T12:00:00+00:00"
"""Start of every simulated session: the same seed has to give the same bytes."""

EPILOG = f"""exercises: {", ".join(EXERCISES)}; none for daily life.

examples:
  python -m firmware_sim record out/plain --exercise back_extension_45 --sets 3x12 --tempo 3-1-2-1 --seed 7
  python -m firmware_sim record out/mixed --block deadlift:3x5 --block kettlebell_swing:2x15 --load 60
  python -m firmware_sim record out/slip --exercise good_morning --sets 1x10 --slip 30 --mounting random
  python -m firmware_sim record out/quiet --exercise none --minutes 10
"""

SERVE_EPILOG = """examples:
  python -m firmware_sim serve --exercise back_extension_45 --sets 1x10 --speed 5 --until-done 5
  python -m firmware_sim serve --exercise deadlift --loss 20 --away mid:5 --sensors 2
  python -m firmware_sim serve --air-only --hci-port 6402
  python -m firmware_sim serve --exercise deadlift --air tcp-client:127.0.0.1:6402
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; exit code 2 for options that make no sense."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    parser = argparse.ArgumentParser(prog="python -m firmware_sim", description="A simulated IMU on a torso.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    record = commands.add_parser(
        "record",
        help="write a simulated session: OUT.jsonl.gz and OUT.truth.json",
        description="Write a simulated session as OUT.jsonl.gz, and its truth as OUT.truth.json.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_record_options(record)
    record.set_defaults(run=lambda options: _record(options, arguments))
    serve = commands.add_parser(
        "serve",
        help="run sensors on a virtual Bluetooth radio",
        description="Run one sensor or many on a virtual Bluetooth radio, by HCI over TCP on loopback.\n"
        "Prints 'ready TRANSPORT' when one can connect, 'begin NAME UNIX_S' when a workout begins,\n"
        "'done NAME' when it is over. The workout and the sensor have the options of record.",
        epilog=SERVE_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_workout_options(serve)
    add_sensor_options(serve)
    add_serve_options(serve)
    serve.set_defaults(run=_serve)
    options = parser.parse_args(arguments)
    command = commands.choices[options.command]
    try:
        return int(options.run(options))
    except ValueError as error:
        command.error(str(error))
    except OSError as error:
        command.error(_hint(options, error))


def _hint(options: argparse.Namespace, error: OSError) -> str:
    if options.command == "record":
        return f"{error.filename}: {error.strerror}; choose another place for OUT"
    if options.air is not None:
        return f"no air at {options.air}: {error.strerror}; start one with --air-only"
    return f"port {options.hci_port}: {error.strerror}; choose another --hci-port"


def _serve(options: argparse.Namespace) -> int:
    try:
        from firmware_sim.programs.serve import serve  # noqa: PLC0415  # Bumble is an extra, which record does without
    except ModuleNotFoundError as error:
        if error.name is None or not error.name.startswith("bumble"):
            raise
        msg = "serve needs Bumble: pip install 'imurep[sim]'"
        raise ValueError(msg) from error
    return serve(options)


def _record(options: argparse.Namespace, arguments: list[str]) -> int:
    out = Path(options.out)
    name = out.name.removesuffix(".gz").removesuffix(".jsonl")
    session = session_of(options)
    setup = setup_of(options, link_of(options))
    made = simulate(
        session, setup, options.seed, variation=0.0 if options.no_variation else 1.0, texture=options.texture
    )

    out.parent.mkdir(parents=True, exist_ok=True)
    recording = out.with_name(f"{name}.jsonl.gz")
    # Without the folder, so that the same command elsewhere gives the same bytes.
    named = [name if argument == options.out else argument for argument in arguments]
    command = f"python -m firmware_sim {shlex.join(named)}"
    header = RecordingHeader(session=_session_id(command), sensor="sim", utc=UTC)
    write_recording(recording, header, made.delivery.notifications)
    truth = truth_json(
        recording=recording.name,
        duration_s=made.duration_s,
        sets=made.sets,
        quiet=made.quiet,
        neutral=made.neutral,
        simulation={
            "program": "firmware_sim",
            "command": command,
            "seed": options.seed,
            "sensor": sensor_json(setup, made),
        },
    )
    out.with_name(f"{name}.truth.json").write_text(truth, encoding="utf-8")
    reps = sum(len(one.reps) for one in made.sets)
    sys.stdout.write(
        f"{recording}: {made.duration_s:.0f} s, {len(made.sets)} sets, {reps} reps, "
        f"{made.delivery.packets_lost} of {made.delivery.packets_sent} packets lost\n"
    )
    return 0


def _session_id(command: str) -> str:
    """Return an id that differs between commands, and is the same for the same command."""
    return f"sim-{hashlib.sha256(command.encode()).hexdigest()[:12]}"

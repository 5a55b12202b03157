"""``imurep doctor``: what is wrong with this machine, and what to do."""

from __future__ import annotations

import argparse
import asyncio
import importlib
import importlib.metadata
import json
import platform
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from imurep.cli.settings_options import add_settings, flags
from imurep.errors import ConfigError, ImurepError, RecordingError, SourceError
from imurep.util.version import installed_version

if TYPE_CHECKING:
    from collections.abc import Iterator

_DESCRIPTION = """\
Checks what imurep needs on this machine: its libraries, the settings, the data
directory, and Bluetooth, with a scan of one second. For each problem it prints
what to do.
"""

_EPILOG = """\
examples:
  imurep doctor
  imurep doctor --backend bumble:usb:0

The exit code is 0 if there is no problem, else that of the first one: 1 the
package, 2 the settings, 3 the data directory, 4 Bluetooth.
"""

_LIBRARIES = ("bleak", "numpy", "scipy", "vqf")
"""Those with parts that are not Python, and what they stand on: the ones that fail to load."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one check has found."""

    check: str
    found: str
    advice: tuple[str, ...] = ()
    """What to do here, a line each."""
    exit_code: int = 0
    """0: all is well."""


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command's options."""
    parser = commands.add_parser(
        "doctor",
        help="find out what is wrong, with Bluetooth above all",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_settings(parser)
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="directory for sets and raw sessions")
    parser.add_argument("--json", action="store_true", help="JSON lines, one per check")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Check everything; gives the exit code of the first problem."""
    code = 0
    for finding in _findings(args):
        print(_json(finding) if args.json else _words(finding), flush=True)
        code = code or finding.exit_code
    return code


def _findings(args: argparse.Namespace) -> Iterator[Finding]:
    """Each finding as soon as it is made; what cannot be checked after a problem is left out."""
    package = _package()
    yield package
    if package.exit_code:
        return
    from imurep.config import load  # noqa: PLC0415 loads pydantic

    try:
        settings = load(args.config, flags(args))
    except ConfigError as error:
        yield Finding(check="settings", found=str(error), exit_code=error.exit_code)
        return
    backend = settings.bluetooth.backend
    read = f"readable; sensors {', '.join(settings.sensors)}, Bluetooth backend {backend}"
    yield Finding(check="settings", found=read)
    yield _data(settings.data.directory)
    yield _bluetooth(backend)


def _package() -> Finding:
    versions = [f"imurep {installed_version()}", f"Python {platform.python_version()}"]
    for name in _LIBRARIES:
        try:
            importlib.import_module(name)
            versions.append(f"{name} {importlib.metadata.version(name)}")
        except (ImportError, OSError) as error:
            return Finding(
                check="package",
                found=f"{name} cannot be loaded ({error}); install imurep again",
                advice=("on 64-bit Arm and on Python 3.14, pip compiles vqf, which needs a C++ compiler",),
                exit_code=ImurepError.exit_code,
            )
    return Finding(check="package", found=", ".join(versions))


def _data(directory: Path) -> Finding:
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=directory):
            pass
    except OSError as error:
        found = f"{directory}: {error.strerror}; set data.directory to a place that can be written"
        return Finding(check="data", found=found, exit_code=RecordingError.exit_code)
    return Finding(check="data", found=f"{directory} can be written")


def _bluetooth(backend: str) -> Finding:
    from imurep.service.adapter_selection import adapter_for  # noqa: PLC0415 loads bleak
    from imurep.sources.ble.diagnosis import advice_on, problem_with  # noqa: PLC0415 loads bleak

    problem = asyncio.run(problem_with(partial(adapter_for, backend)))
    if not problem:
        return Finding(check="Bluetooth", found="works; `imurep scan` shows the sensors in reach")
    advice = advice_on(problem)
    return Finding(check="Bluetooth", found=problem, advice=advice, exit_code=SourceError.exit_code)


def _words(finding: Finding) -> str:
    verdict = "problem" if finding.exit_code else "ok"
    lines = [f"{verdict:<8} {finding.check}: {finding.found}"]
    return "\n".join([*lines, *(f"         - {line}" for line in finding.advice)])


def _json(finding: Finding) -> str:
    return json.dumps(
        {
            "check": finding.check.lower(),
            "ok": finding.exit_code == 0,
            "found": finding.found,
            "advice": list(finding.advice),
        }
    )

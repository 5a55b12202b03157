"""Imports point one way, the core stays pure, a library has one room, the simulator stands apart."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
FRONT_DOOR = "__init__"

# A room is what stands right under imurep/, a module or a package. It imports from rooms further up in this
# table and from itself, never from its neighbours on the same line. Who adds a room gives it a place here.
LAYERS = (
    ("errors", "places", "backoff", "leash"),
    ("model", "exercises"),
    ("tempo", "doubts", "store"),
    ("devices", "stages", "recording", "words"),
    ("form_words", "payload"),
    ("pipeline",),
    ("analysis", "replay"),
    ("clock", "config", "archive", "live", "sources", "evaluate", "report"),
    ("sessions", "board", "log"),
    ("mqtt",),
    ("web", "service"),
    (FRONT_DOOR,),
    ("cli",),
    ("__main__",),
)
RANK = {room: rank for rank, rooms in enumerate(LAYERS) for room in rooms}

PURE_ROOMS = {"devices", "stages", "pipeline"}
IMPURE_IMPORTS = {"asyncio", "time", "logging", "random", "numpy.random"}
IMPURE_CALLS = {"open", "read_text", "read_bytes", "write_text", "write_bytes"}

LIBRARY_ROOM = {
    "vqf": "imurep.stages.orientation",
    "rich": "imurep.cli",
    "platformdirs": "imurep.places",
    "matplotlib": "imurep.report",
    "bleak": "imurep.sources.ble",
    "bumble": "imurep.sources.ble.bumble",
    "aiomqtt": "imurep.mqtt.client",
    "paho": "imurep.mqtt.client",
    "amqtt": "imurep.mqtt.embedded",
    "sqlite3": "imurep.log",
    "pydantic": "imurep.config",
    "pydantic_settings": "imurep.config",
    "filelock": "imurep.archive",
    "aiohttp": "imurep.web",
    "segno": "imurep.web.address",
    "cryptography": "imurep.web.certificate",
}


def modules() -> Iterator[tuple[str, str]]:
    """Dotted name and source of every module of the wheel."""
    for top in (ROOT / "src" / "imurep", ROOT / "firmware_sim"):
        for path in sorted(top.rglob("*.py")):
            yield (
                ".".join(path.relative_to(top.parent).with_suffix("").parts),
                path.read_text(encoding="utf-8"),
            )


def imports(tree: ast.Module) -> Iterator[str]:
    """Dotted names that a module imports, those for type checkers too; ``from a import b`` gives ``a.b``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ("." * node.level + f"{node.module or ''}.{alias.name}" for alias in node.names)


def calls(tree: ast.Module) -> Iterator[str]:
    """Last names of what a module calls: ``gzip.open(...)`` gives ``open``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name):
                yield node.func.id
            elif isinstance(node.func, ast.Attribute):
                yield node.func.attr


def is_within(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def room_of(imported: str) -> str:
    """Room of an import from imurep; names that are no room come through the front door."""
    room = imported.split(".")[1] if "." in imported else FRONT_DOOR
    return room if room in RANK else FRONT_DOOR


def violations(module: str, source: str) -> list[str]:
    tree = ast.parse(source)
    imported = sorted(set(imports(tree)))
    found = [f"relative import {name}" for name in imported if name.startswith(".")]

    top, room = module.split(".")[:2]
    stranger = "firmware_sim" if top == "imurep" else "imurep"
    found += [f"imports {name} of the other party" for name in imported if is_within(name, stranger)]
    if top != "imurep":
        return found

    if room not in RANK:
        return [*found, f"{room} has no place in LAYERS"]
    for name in imported:
        if is_within(name, "imurep") and room_of(name) != room and RANK[room_of(name)] >= RANK[room]:
            found.append(f"{room} imports {name}, which is not below it")
        for library, home in LIBRARY_ROOM.items():
            if is_within(name, library) and not is_within(module, home):
                found.append(f"{name} belongs in {home}")
    if room in PURE_ROOMS:
        found += [f"imports {n}" for n in imported if any(is_within(n, impure) for impure in IMPURE_IMPORTS)]
        found += [f"calls {name}" for name in sorted(IMPURE_CALLS.intersection(calls(tree)))]
    return found


def test_every_module_keeps_the_rules() -> None:
    broken = {module: found for module, source in modules() if (found := violations(module, source))}
    assert not broken


def test_the_check_sees_the_modules() -> None:
    names = {module for module, _ in modules()}
    assert {"imurep.model", "imurep.errors", "firmware_sim.__init__"} <= names


@pytest.mark.parametrize(
    ("module", "source", "expected"),
    [
        ("imurep.model", "from imurep.pipeline import Pipeline", "not below"),
        ("imurep.model", "from imurep import pipeline", "not below"),
        ("imurep.model", "import imurep.exercises", "not below"),
        ("imurep.evaluate", "from imurep import analyze", "not below"),
        ("imurep.evaluate", "import imurep", "not below"),
        ("imurep.model", "if TYPE_CHECKING:\n    from imurep.stages.sets import Sets", "not below"),
        ("imurep.pipeline", "def f():\n    from imurep.cli import main", "not below"),
        ("imurep.stages.reps", "from .phases import Phases", "relative"),
        ("imurep.attic", "", "no place"),
        ("imurep.stages.reps", "import time", "imports time"),
        ("imurep.stages.reps", "from asyncio.events import Handle", "imports asyncio"),
        ("imurep.devices.open_imu", "from numpy import random", "imports numpy.random"),
        ("imurep.pipeline", "import logging as log", "imports logging"),
        ("imurep.pipeline", "open('x')", "calls open"),
        ("imurep.pipeline", "def f(p):\n    return p.read_text()", "calls read_text"),
        ("imurep.stages.trunk", "from vqf import VQF", "belongs in imurep.stages.orientation"),
        ("imurep.recording", "import firmware_sim.packets", "other party"),
        ("firmware_sim.packets", "from imurep.devices import open_imu", "other party"),
    ],
)
def test_the_check_can_fail(module: str, source: str, expected: str) -> None:
    (found,) = violations(module, source)
    assert expected in found


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("imurep.exercises", "from imurep.errors import ConfigError"),
        ("imurep.stages.reps", "from imurep.stages.phases import Phases\nfrom imurep import model"),
        ("imurep.stages.timebase", "import timeit_is_not_time"),
        ("imurep.stages.orientation", "from vqf import VQF"),
        ("imurep.recording", "import gzip\ngzip.open('x')"),
        ("imurep.cli.replay", "from imurep import analyze\nfrom imurep.cli.tables import table"),
    ],
)
def test_the_check_lets_pass_what_is_right(module: str, source: str) -> None:
    assert violations(module, source) == []

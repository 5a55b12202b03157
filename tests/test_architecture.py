"""Imports point one way, the core stays pure, a library has one room, the simulator stands apart."""

from __future__ import annotations

import ast
from collections import defaultdict
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROOT = Path(__file__).parents[1]
FRONT_DOOR = "__init__"

# A room is what stands right under imurep/, a module or a package. Who adds a room gives it a layer here.
LAYERS = {
    "core": {
        "errors", "events", "exercises", "util", "counting", "devices", "recording", "offline",
        "serialization", "formatting", "plan", "live_state", "tempo",
    },
    "edges": {"config", "sources", "log", "mqtt", "web"},
    "service": {"service"},
    "programs": {FRONT_DOOR, "__main__", "cli", "evaluate", "report"},
}  # fmt: skip
SIMULATOR_LAYERS = ["person", "sensor", "radio", "programs"]
"""Rooms of firmware_sim; each knows itself and those before it."""
LAYER_OF = {room: layer for layer, rooms in LAYERS.items() for room in rooms}
KNOWS = {
    "core": {"core"},
    "edges": {"core"},  # not each other; the settings are for all
    "service": {"core", "edges", "service"},
    "programs": {"core", "edges", "service", "programs"},
}
FOR_ALL = {"config"}
"""Rooms among the edges that other edges may know."""
EXCEPTIONS = {("imurep.offline.analysis", "imurep.report")}
"""``Analysis.report()`` loads the pictures when it is called."""

PURE_ROOMS = {"imurep.devices", "imurep.counting"}
IMPURE_IMPORTS = {"asyncio", "time", "logging", "random", "numpy.random"}
IMPURE_CALLS = {"open", "read_text", "read_bytes", "write_text", "write_bytes"}

LIBRARY_ROOM = {
    "vqf": "imurep.counting.motion.orientation",
    "rich": "imurep.cli",
    "platformdirs": "imurep.util.paths",
    "matplotlib": "imurep.report",
    "pandas": "imurep.offline",
    "bleak": "imurep.sources.ble",
    "bumble": "imurep.sources.ble.bumble",
    "paho": "imurep.mqtt.client",
    "amqtt": "imurep.service.demo_broker_amqtt",
    "sqlite3": "imurep.log",
    "pydantic": "imurep.config",
    "pydantic_settings": "imurep.config",
    "filelock": "imurep.service.raw_archive",
    "aiohttp": "imurep.web",
    "segno": "imurep.web.address",
    "cryptography": "imurep.web.certificate",
}


def modules() -> Iterator[tuple[str, str]]:
    """Dotted name and source of every module of the wheel; that of a package ends in ``__init__``."""
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
    return room if room in LAYER_OF else FRONT_DOOR


def may_know(module: str, imported: str) -> bool:
    room, other = module.split(".")[1], room_of(imported)
    if room == other or any(module == m and is_within(imported, i) for m, i in EXCEPTIONS):
        return True
    if LAYER_OF[room] == LAYER_OF[other] == "edges":
        return other in FOR_ALL
    return LAYER_OF[other] in KNOWS[LAYER_OF[room]]


def violations(module: str, source: str) -> list[str]:
    tree = ast.parse(source)
    imported = sorted(set(imports(tree)))
    found = [f"relative import {name}" for name in imported if name.startswith(".")]

    top, room = module.split(".")[:2]
    stranger = "firmware_sim" if top == "imurep" else "imurep"
    found += [f"imports {name} of the other party" for name in imported if is_within(name, stranger)]
    if top != "imurep":
        later = SIMULATOR_LAYERS[SIMULATOR_LAYERS.index(room) + 1 :] if room in SIMULATOR_LAYERS else []
        return found + [
            f"{room} imports {n}" for n in imported if any(is_within(n, f"{top}.{o}") for o in later)
        ]

    if room not in LAYER_OF:
        return [*found, f"{room} has no place in LAYERS"]
    for name in imported:
        if is_within(name, "imurep") and not may_know(module, name):
            found.append(f"{LAYER_OF[room]} ({room}) imports {name} of {LAYER_OF[room_of(name)]}")
        for library, home in LIBRARY_ROOM.items():
            if is_within(name, library) and not is_within(module, home):
                found.append(f"{name} belongs in {home}")
    if any(is_within(module, pure) for pure in PURE_ROOMS):
        found += [f"imports {n}" for n in imported if any(is_within(n, impure) for impure in IMPURE_IMPORTS)]
        found += [f"calls {name}" for name in sorted(IMPURE_CALLS.intersection(calls(tree)))]
    return found


def private_names(source: str) -> list[str]:
    """Private attributes of objects that are not the module's own: ``client._sock``, not ``self._sock``."""
    return [
        ast.unparse(node)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute)
        and node.attr.startswith("_")
        and not node.attr.startswith("__")
        and not (isinstance(node.value, ast.Name) and node.value.id in {"self", "cls"})
    ]


def circle(sources: Iterable[tuple[str, str]]) -> list[str]:
    """A circle of imports among modules, empty when there is none; a package stands for its ``__init__``."""
    graph: defaultdict[str, set[str]] = defaultdict(set)
    for module, target in edges(sources):
        graph[module.removesuffix(".__init__")].add(target.removesuffix(".__init__"))
    return first_circle(graph)


def package_circles(sources: Iterable[tuple[str, str]]) -> list[list[str]]:
    """Circles of imports among what stands side by side in a package, packages as wholes.

    A package's ``__init__`` stands above its children: it may import them, and they may import it.
    """
    graphs: defaultdict[str, defaultdict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for module, target in edges(sources):
        ours, theirs = module.split("."), target.split(".")
        depth = next(i for i, (a, b) in enumerate(zip(ours, theirs, strict=False)) if a != b)
        if FRONT_DOOR not in {ours[depth], theirs[depth]}:
            here, there = (".".join(path[: depth + 1]) for path in (ours, theirs))
            graphs[".".join(ours[:depth])][here].add(there)
    return [found for graph in graphs.values() if (found := first_circle(graph))]


def edges(sources: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Pairs of modules of which the first imports the second; that of a package ends in ``__init__``."""
    sources = list(sources)
    names = {name.removesuffix(".__init__"): name for name, _ in sources}
    for module, source in sources:
        for name in imports(ast.parse(source)):
            target = names.get(name) or names.get(name.rpartition(".")[0])
            if target and target != module:
                yield module, target


def first_circle(graph: dict[str, set[str]]) -> list[str]:
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        found: list[str] = error.args[1]
        return found
    return []


def test_every_module_keeps_the_rules() -> None:
    broken = {module: found for module, source in modules() if (found := violations(module, source))}
    assert not broken


def test_paho_is_used_by_its_public_names() -> None:
    sources = [source for _, source in modules() if "paho" in source]
    trees = [ast.parse(source) for source in sources]
    users = [(source, tree) for source, tree in zip(sources, trees, strict=True) if _imports_paho(tree)]
    assert [private_names(source) for source, _ in users] == [[]]
    bases = [
        ast.unparse(base)
        for _, tree in users
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        for base in node.bases
    ]
    assert not any("paho" in base for base in bases)  # a subclass could reach them through self
    assert private_names("self._client._sock.close()\nself._own") == ["self._client._sock"]


def _imports_paho(tree: ast.Module) -> bool:
    return any(is_within(name, "paho") for name in imports(tree))


def test_no_circle_of_imports() -> None:
    assert circle(modules()) == []


def test_no_circle_of_imports_among_packages() -> None:
    assert package_circles(modules()) == []


def test_the_check_sees_the_modules() -> None:
    names = {module for module, _ in modules()}
    assert {"imurep.events", "imurep.errors", "firmware_sim.__init__"} <= names


def test_modules_of_the_simulator_have_rooms_and_names_of_their_own() -> None:
    inside = [module.split(".")[1:] for module, _ in modules() if module.startswith("firmware_sim.")]
    assert {room for room, *rest in inside if rest} == set(SIMULATOR_LAYERS)
    names = [path[-1] for path in inside if path[-1] != FRONT_DOOR]
    assert len(names) == len(set(names))


def test_every_room_has_one_layer_and_is_there() -> None:
    rooms = {module.split(".")[1] for module, _ in modules() if module.startswith("imurep.")}
    assert rooms == set(LAYER_OF)
    assert sum(map(len, LAYERS.values())) == len(LAYER_OF)


@pytest.mark.parametrize(
    ("module", "source", "expected"),
    [
        (
            "imurep.events",
            "from imurep.log import SetLogWriter",
            "core (events) imports imurep.log.SetLogWriter of edges",
        ),
        ("imurep.counting.pipeline", "import imurep.service.runner", "of service"),
        ("imurep.counting.pipeline", "def f():\n    from imurep.cli import main", "of programs"),
        ("imurep.events", "if TYPE_CHECKING:\n    from imurep.config import Settings", "of edges"),
        ("imurep.offline.replay", "import imurep.report", "of programs"),
        (
            "imurep.mqtt.client",
            "from imurep.log import SetLogWriter",
            "edges (mqtt) imports imurep.log.SetLogWriter of edges",
        ),
        ("imurep.sources.ble.scanner", "from imurep.service import runner", "of service"),
        ("imurep.log.database", "from imurep import analyze", "of programs"),
        ("imurep.log.database", "import imurep", "of programs"),
        ("imurep.service.runner", "from imurep.cli import main", "of programs"),
        ("imurep.counting.timing.timebase", "from .spacing import typical_us", "relative"),
        ("imurep.attic", "", "no place"),
        ("imurep.counting.timing.timebase", "import time", "imports time"),
        ("imurep.counting.timing.timebase", "from asyncio.events import Handle", "imports asyncio"),
        ("imurep.devices.open_imu", "from numpy import random", "imports numpy.random"),
        ("imurep.counting.pipeline", "import logging as log", "imports logging"),
        ("imurep.counting.pipeline", "open('x')", "calls open"),
        ("imurep.counting.pipeline", "def f(p):\n    return p.read_text()", "calls read_text"),
        (
            "imurep.counting.motion.sagittal_plane",
            "from vqf import VQF",
            "belongs in imurep.counting.motion.orientation",
        ),
        ("imurep.recording", "import firmware_sim.sensor.packets", "other party"),
        ("firmware_sim.sensor.packets", "from imurep.devices import open_imu", "other party"),
        ("firmware_sim.person.motion", "from firmware_sim.sensor import clock", "person imports"),
        ("firmware_sim.sensor.wearer", "import firmware_sim.programs.simulate", "sensor imports"),
    ],
)
def test_the_check_can_fail(module: str, source: str, expected: str) -> None:
    (found,) = violations(module, source)
    assert expected in found


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("imurep.exercises", "from imurep.errors import ConfigError"),
        ("imurep.counting.pipeline", "from imurep.counting.timing.timebase import Timebase"),
        ("imurep.counting.timing.timebase", "import timeit_is_not_time"),
        ("imurep.counting.motion.orientation", "from vqf import VQF"),
        ("imurep.offline.analysis", "def f():\n    from imurep.report import draw"),
        ("imurep.mqtt.client", "from imurep.config import Settings"),
        ("imurep.service.runner", "from imurep.mqtt.client import Client"),
        ("imurep.recording", "import gzip\ngzip.open('x')"),
        ("imurep.cli.replay", "from imurep import analyze\nfrom imurep.service.runner import Service"),
    ],
)
def test_the_check_lets_pass_what_is_right(module: str, source: str) -> None:
    assert violations(module, source) == []


def test_a_circle_is_seen() -> None:
    two = [("a.one", "from a.two import x"), ("a.two", "def f():\n    import a.one")]
    assert set(circle(two)) == {"a.one", "a.two"}
    assert (
        circle([("a.__init__", "from a.one import x"), ("a.one", "from a.two import y"), ("a.two", "")]) == []
    )


def test_a_circle_among_packages_is_seen() -> None:
    two_rooms = [
        ("top.a.one", "from top.b.two import x"),
        ("top.a.other", ""),
        ("top.b.two", ""),
        ("top.b.more", "import top.a.other"),
    ]
    assert circle(two_rooms) == []
    (found,) = package_circles(two_rooms)
    assert set(found) == {"top.a", "top.b"}


def test_a_package_and_its_children_are_no_circle() -> None:
    parent = [("top.a.__init__", "from top.a.b.one import x"), ("top.a.b.one", "import top.a.two")]
    assert package_circles([*parent, ("top.a.two", "from top.a import y"), ("top.c", "import top.a")]) == []

"""One word, one meaning: no class and no module stands twice under one name in ``src/imurep``."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SOURCE = Path(__file__).parents[1] / "src" / "imurep"

COMMANDS = {path.stem for path in (SOURCE / "cli").glob("*.py")}
"""A module in ``cli`` is called after its command, and so may be what the command runs."""

SHARED_MODULES = {
    "__init__": "every package has one",
    "conversation": "each package of devices has the same rooms: how one talks to the sensor,",
    "decoder": "what its notifications mean,",
    "control": "its control channel,",
    "wire": "and its bytes",
}
"""Names that several modules may have, and why."""

SHARED_CLASSES: dict[str, str] = {}
"""Names that several classes may have, and why."""


def classes(source: str) -> Iterator[str]:
    """Names of the classes of a module, nested ones too, without the underscore of private ones."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ClassDef):
            yield node.name.lstrip("_")


def twice(names: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Names with the places where they stand, when there are several."""
    places: defaultdict[str, list[str]] = defaultdict(list)
    for name, place in names:
        places[name].append(place)
    return {name: found for name, found in places.items() if len(found) > 1}


def modules() -> Iterator[tuple[str, Path]]:
    for path in sorted(SOURCE.rglob("*.py")):
        yield str(path.relative_to(SOURCE)), path


def test_no_class_name_stands_twice() -> None:
    found = twice(
        (name, place)
        for place, path in modules()
        for name in classes(path.read_text(encoding="utf-8"))
        if name not in SHARED_CLASSES
    )
    assert found == {}


def test_no_module_name_stands_twice() -> None:
    found = twice(
        (path.stem, place)
        for place, path in modules()
        if path.stem not in SHARED_MODULES and not (path.parent.name == "cli" and path.stem in COMMANDS)
    )
    assert found == {}


def test_exceptions_are_needed() -> None:
    stems = [path.stem for _, path in modules()]
    assert all(stems.count(name) > 1 for name in SHARED_MODULES)
    names = [name for _, path in modules() for name in classes(path.read_text(encoding="utf-8"))]
    assert all(names.count(name) > 1 for name in SHARED_CLASSES)


def test_the_check_can_fail() -> None:
    assert twice([("Link", "a"), ("Link", "b"), ("Gap", "a")]) == {"Link": ["a", "b"]}
    assert list(classes("class A:\n    class _B: ...")) == ["A", "B"]

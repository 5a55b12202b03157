"""``python -m tests.accuracy.knob_list``: the numbers in ``imurep.counting``, and where they are listed.

Every number in the source is found: defaults of fields, constants, and literals within functions.
docs/explanation/knobs.md has to list each of them in one of its tables, with the value that it has
unless it is fitted: values of those are the output of a script.
Left out, by rule, are literals within functions that set nothing: see ``sets_nothing``.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeGuard

import imurep.counting

if TYPE_CHECKING:
    from collections.abc import Iterator

COUNTING = Path(imurep.counting.__file__).parent
PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "knobs.md"
KNOBS = "Knobs"
"""Heading on the page of the numbers that are set by hand; all others have a reason not to be counted."""
FITTED = "Fitted"
"""Heading of the numbers that a script gives: all those of modules named so, without their values."""
FEW = {0, 1, 2, 0.5}
"""Nothing, one, a pair, a half."""
UNITS = {1e6, 1e-6, 1e3, 5e5, 100, 360}
"""Microseconds, milliseconds, half of a second in microseconds; per cent; degrees of a turn."""
SHAPES = {"zeros", "empty", "eye", "reshape", "ones"}


@dataclass(frozen=True, slots=True, order=True)
class Number:
    """A place in the source with one or more numbers."""

    name: str
    """Such as ``timing_params.RateParams.min_hz``, ``set_window.ROUNDS`` or ``pose.angle()``."""
    value: str
    """As it is written."""
    count: int = 1


def numbers_set() -> list[Number]:
    """All numbers in ``imurep.counting`` but those that set nothing."""
    found = [
        one
        for path in sorted(COUNTING.rglob("*.py"))
        for one in numbers_of(path.stem, path.read_text("utf-8"))
    ]
    return sorted(set(found))


def numbers_of(module: str, source: str) -> Iterator[Number]:
    """Numbers in the source of a module."""
    yield from _in_body(module, ast.parse(source).body)


def _in_body(within: str, body: list[ast.stmt]) -> Iterator[Number]:
    """Numbers in a module or a class: constants, fields, and what functions hold."""
    for statement in body:
        if isinstance(statement, ast.ClassDef):
            yield from _in_body(f"{within}.{statement.name}", statement.body)
        elif isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield from _in_function(f"{within}.{statement.name}()", statement)
        elif isinstance(statement, (ast.Assign, ast.AnnAssign)) and statement.value is not None:
            target = statement.target if isinstance(statement, ast.AnnAssign) else statement.targets[0]
            count = sum(1 for node in ast.walk(statement.value) if is_number(node))
            if count:
                yield Number(f"{within}.{ast.unparse(target)}", ast.unparse(statement.value), count)


def _in_function(name: str, function: ast.AST) -> Iterator[Number]:
    for node, above in _walk(function, ()):
        if is_number(node) and not sets_nothing(node, above):
            yield Number(name, ast.unparse(node))


def _walk(node: ast.AST, above: tuple[ast.AST, ...]) -> Iterator[tuple[ast.AST, tuple[ast.AST, ...]]]:
    yield node, above
    for child in ast.iter_child_nodes(node):
        yield from _walk(child, (*above, node))


def is_number(node: ast.AST) -> TypeGuard[ast.Constant]:
    return isinstance(node, ast.Constant) and type(node.value) in (int, float)


def sets_nothing(node: ast.Constant, above: tuple[ast.AST, ...]) -> bool:
    """Whether a literal is few enough to be no setting, a unit's factor, an index or a shape."""
    if node.value in FEW or node.value in UNITS:
        return True
    for outer, inner in zip(above, (*above[1:], node), strict=True):
        if isinstance(outer, ast.Subscript) and inner is outer.slice:
            return True
        if (
            isinstance(outer, ast.Call)
            and isinstance(outer.func, ast.Attribute)
            and outer.func.attr in SHAPES
        ):
            return True
    return False


def listed() -> dict[str, dict[str, str]]:
    """What the page lists: by heading, names and values; no values of what is fitted."""
    tables: dict[str, dict[str, str]] = {}
    heading = ""
    for line in PAGE.read_text("utf-8").splitlines():
        if line.startswith("## "):
            heading = line.removeprefix("## ")
        row = re.match(r"\| `([^`]+)` \| ([^|]+) \|(.+\|)?$", line)
        if row:
            tables.setdefault(heading, {})[row[1]] = "" if heading == FITTED else row[2].strip("` ")
    return tables


def is_fitted(one: Number) -> bool:
    """Whether a script gives a number: it is in a module of coefficients."""
    return one.name.partition(".")[0].endswith("_coefficients")


def knobs() -> list[Number]:
    """The numbers that are set by hand."""
    names = listed()[KNOBS]
    return [one for one in numbers_set() if one.name in names]


def main() -> None:
    where = {name: heading for heading, names in listed().items() for name in names}
    for one in numbers_set():
        print(f"{where.get(one.name, 'NOT LISTED'):24}{one.count:3}  {one.name} = {one.value}")
    print(f"{sum(one.count for one in knobs())} numbers set by hand")


if __name__ == "__main__":
    main()

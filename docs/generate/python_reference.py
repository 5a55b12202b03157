"""Writes docs/reference/python.md from the docstrings of what ``imurep`` exports.

``python -m docs.generate.python_reference`` does it (``make reference``); a test
holds the committed page against what would be written. The source is read,
not imported: griffe sees annotations and the docstrings of attributes as they stand there.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import griffe

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference" / "python.md"

ERRORS = "Errors"

SECTIONS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "Counting": (
        "One call counts a whole recording. To count while data come in, push them into a `Pipeline`.",
        ("analyze", "analyze_file", "Analysis", "Pipeline"),
    ),
    "Results": (
        "An event is a frozen dataclass. Reps and sets come in versions under one `id`; the highest counts.",
        ("Event", "ExerciseSet", "Rep", "PhaseChange", "GapEvent", "PhaseSpan", "Phase", "State"),
    ),
    "What goes into a pipeline": (
        "Samples as a `Packet`, or notifications of a sensor together with its decoder.",
        (
            "Packet",
            "Notification",
            "LinkEvent",
            "Instruction",
            "Boundary",
            "Decoder",
            "decoder_for",
            "open_recording",
            "Recording",
            "Header",
        ),
    ),
    "Inside the pipeline": (
        "An observer sees `Motion`, computed from `ImuBlock` and `Gap`. `CountingParams` is for experiments.",
        ("Motion", "ImuBlock", "Gap", "CountingParams"),
    ),
    "Exercise profiles": ("", ("EXERCISES", "Exercise")),
    ERRORS: (
        "Every error that imurep raises on purpose is an `ImurepError` and says what to do next.",
        ("ImurepError", "ConfigError", "PacketError", "RecordingError", "SourceError", "SinkError"),
    ),
}
"""The page's sections: a sentence above, and the names in order."""

INTRODUCTION = """\
# Python API

<!-- Made by `make reference` from the docstrings; change those. -->

```python
import imurep

analysis = imurep.analyze_file("workout.csv")  # or imurep.analyze(time, acc_ms2, gyr_rads)
for rep in analysis.reps:
    print(rep.id, rep.concentric_s, rep.range_of_motion_deg)
analysis.to_dataframe("sets")  # needs pandas: pip install 'imurep[pandas]'
analysis.report("workout.html")  # needs matplotlib: pip install 'imurep[report]'
```

A [notebook](../tutorial/analyze-in-python.ipynb) shows more. All names below are exported by `imurep`, typed,
and loaded on first use. Units stand in the names: `_us` microseconds, `_s` seconds, `_hz`, `_deg` degrees,
`_dps` degrees per second, `_rads` radians per second, `_ms2` m/s². Words are explained in the
[glossary](glossary.md), frames of reference in [Frames](frames.md).
"""


def page() -> str:
    """The whole page as Markdown."""
    package = griffe.load("imurep", search_paths=[ROOT / "src"])
    assert isinstance(package, griffe.Module)  # noqa: S101 a package is a module
    known = {name for _, names in SECTIONS.values() for name in names}
    parts = [INTRODUCTION]
    for section, (text, names) in SECTIONS.items():
        parts.append(f"## {section}\n")
        if text:
            parts.append(f"{text}\n")
        entries = [_target(package[name]) for name in names]
        if section == ERRORS:
            parts += _table(("error", "exit code", "meaning"), (_error(one, known) for one in entries))
        else:
            parts += (_entry(one, known) for one in entries)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(parts))


def _target(found: griffe.Object | griffe.Alias) -> griffe.Object:
    return found.final_target if isinstance(found, griffe.Alias) else found


def _error(found: griffe.Object, known: set[str]) -> tuple[str, str, str]:
    """A row about an error; the exit code of its parent holds where it has none of its own."""
    code = _target(found.all_members["exit_code"])
    value = str(code.value) if isinstance(code, griffe.Attribute) else ""
    return f"`{found.name}`", value, _cell(found, known)


def _entry(target: griffe.Object, known: set[str]) -> str:
    return "\n".join([f"### {target.name}\n", *_body(target, known)])


def _body(target: griffe.Object, known: set[str]) -> Iterator[str]:
    if isinstance(target, griffe.Function):
        yield _signature(target, target.name)
        yield _text(target, known)
    elif isinstance(target, griffe.Class):
        yield from _class(target, known)
    elif isinstance(target, griffe.Attribute):
        annotation = f": {target.annotation}" if target.annotation else ""
        # A union of types tells more than its name; other values are data, and have pages of their own.
        value = f" = {target.value}" if " | " in str(target.value) else ""
        yield _code(f"{target.name}{annotation}{value}")
        yield _text(target, known)


def _class(found: griffe.Class, known: set[str]) -> Iterator[str]:
    parents = [str(base) for base in found.bases]
    if parents[:1] == ["StrEnum"]:
        yield _text(found, known)
        yield from _table(
            ("member", "value", "meaning"),
            (
                (f"`{found.name}.{one.name}`", f"`{_quoted(one.value)}`", _cell(one, known))
                for one in _attributes(found)
            ),
        )
        return
    is_data = any("dataclass" in str(decorator.value) for decorator in found.decorators)
    constructor = found.members.get("__init__")
    if not is_data and isinstance(constructor, griffe.Function) and constructor.docstring:
        yield _signature(constructor, found.name)
    yield _text(found, known)
    if not is_data and isinstance(constructor, griffe.Function) and constructor.docstring:
        yield _text(constructor, known)
    yield from _table(
        ("attribute", "type", "meaning"),
        ((f"`{one.name}`", _type(one), _cell(one, known)) for one in _attributes(found)),
    )
    for method in found.members.values():
        if isinstance(method, griffe.Function) and not method.name.startswith("_"):
            yield f"#### {found.name}.{method.name}\n"
            yield _signature(method, method.name)
            yield _text(method, known)


def _attributes(found: griffe.Class) -> list[griffe.Attribute]:
    return [
        one
        for one in found.members.values()
        if isinstance(one, griffe.Attribute) and not one.name.startswith("_")
    ]


def _type(one: griffe.Attribute) -> str:
    text = f"`{one.annotation}`" if one.annotation else ""
    default = "" if one.value is None or "property" in one.labels else _default(str(one.value))
    if default and "instance-attribute" in one.labels and "class-attribute" in one.labels:
        text += f", default `{default}`"
    return text.replace("|", "\\|")


def _default(value: str) -> str:
    """A default value; ``field(default_factory=dict)`` is no text for readers."""
    made = re.fullmatch(r"field\(default(_factory)?=(.*)\)", value)
    return {"dict": "{}", "list": "[]"}.get(made[2], made[2]) if made else _quoted(value)


def _quoted(value: object) -> str:
    """An expression with double quotes, as in the source."""
    return str(value).replace("'", '"')


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    lines = [f"| {' | '.join(row)} |" for row in rows]
    if lines:
        yield "\n".join([f"| {' | '.join(head)} |", f"|{'---|' * len(head)}", *lines, ""])


def _cell(one: griffe.Object, known: set[str]) -> str:
    return " ".join(_text(one, known).split()).replace("|", "\\|")


def _text(one: griffe.Object, known: set[str]) -> str:
    """A docstring as Markdown: names in double backticks become code, and links if they are on the page."""
    text = one.docstring.value if one.docstring else ""

    def code(found: re.Match[str]) -> str:
        name = found[1]
        linked = name in known and name != one.name
        return f"[`{name}`](#{name.lower()})" if linked else f"`{name}`"

    text = re.sub(r"``(.+?)``", code, text)
    return re.sub(r"\b[A-Z]\w+Error\b", rf"[`\g<0>`](#{ERRORS.lower()})", text) + "\n"


def _signature(function: griffe.Function, name: str) -> str:
    """A call with its types, on one line or with one parameter a line."""
    shown = []
    star = False
    for one in function.parameters:
        if one.name == "self":
            continue
        if one.kind is griffe.ParameterKind.keyword_only and not star:
            star = True
            shown.append("*")
        annotation = f": {one.annotation}" if one.annotation else ""
        equals = " = " if annotation else "="
        default = "" if one.default is None else f"{equals}{_quoted(one.default)}"
        shown.append(f"{one.name}{annotation}{default}")
    returns = f" -> {function.returns}" if function.returns and function.name != "__init__" else ""
    line = f"{name}({', '.join(shown)}){returns}"
    if len(line) > 100:
        line = "\n".join([f"{name}(", *(f"    {one}," for one in shown), f"){returns}"])
    return _code(line)


def _code(text: str) -> str:
    return f"```python\n{text}\n```\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")

"""Sets, reps and phases as pandas tables; the one room of pandas, which is an extra."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, get_args, get_type_hints

from imurep.counting.assessment.form_metrics import form_of
from imurep.errors import ConfigError
from imurep.serialization import (
    FormFields,
    PhaseSpanFields,
    RepFields,
    RepFormFields,
    SetFields,
    phase_span_fields,
    set_fields,
)
from imurep.tempo import phase_spans

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd

    from imurep.events import ExerciseSet

Table = Literal["reps", "sets", "phases"]

_LEFT_OUT = {"reps", "form", "sensor", "person"}
"""Keys of a set that are no columns: nested tables, and what an analysis does not have."""

_DTYPES: dict[object, str] = {
    float: "float64",
    float | None: "float64",
    int: "int64",
    bool: "bool",
    bool | None: "boolean",
    str: "str",
}
"""By the type of a key, so that a column has the same one when all its values are unknown, too."""


def dataframe(sets: Sequence[ExerciseSet], table: Table, *, first_us: int) -> pd.DataFrame:
    """Make one of the tables; times count from ``first_us``. Raises ConfigError without pandas."""
    if table not in get_args(Table):
        msg = f"there is no table {table!r}; give one of {', '.join(get_args(Table))}"
        raise ConfigError(msg)
    rows: list[dict[str, object]] = []
    for found in sets:
        if table == "phases":
            rows += [{**phase_span_fields(span, first_us)} for rep in found.reps for span in phase_spans(rep)]
            continue
        fields = set_fields(found, form_of(found), sensor="", person="", first_us=first_us)
        form = fields["form"]
        if table == "sets":
            rows.append({**fields, **form})
        else:
            rows += [{**rep, **one} for rep, one in zip(fields["reps"], form["reps"], strict=True)]
    types = {
        "phases": (PhaseSpanFields,),
        "sets": (SetFields, FormFields),
        "reps": (RepFields, RepFormFields),
    }
    return _frame(rows, types[table])


def _frame(rows: Sequence[Mapping[str, object]], types: Iterable[Any]) -> pd.DataFrame:
    try:
        import pandas as pd  # noqa: PLC0415 an extra
    except ModuleNotFoundError as error:
        msg = "a table needs pandas; run: pip install 'imurep[pandas]'"
        raise ConfigError(msg) from error
    hints = {key: hint for fields in types for key, hint in get_type_hints(fields).items()}
    return pd.DataFrame(
        {
            key: pd.Series([row[key] for row in rows], dtype=_DTYPES.get(hint, "object"))
            for key, hint in hints.items()
            if key not in _LEFT_OUT
        }
    )

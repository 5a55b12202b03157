from __future__ import annotations

import pytest

from imurep import errors
from imurep.errors import ConfigError, ImurepError, PacketError, RecordingError, SinkError, SourceError

ALL = (ConfigError, RecordingError, PacketError, SourceError, SinkError)


def test_one_small_tree() -> None:
    found = {name for name, thing in vars(errors).items() if isinstance(thing, type)}
    assert found == {"ImurepError", *(error.__name__ for error in ALL)}
    assert all(error.__bases__ == (ImurepError,) for error in ALL)


@pytest.mark.parametrize(
    ("error", "exit_code"),
    [
        (ImurepError, 1),
        (ConfigError, 2),
        (RecordingError, 3),
        (PacketError, 1),
        (SourceError, 4),
        (SinkError, 5),
    ],
)
def test_exit_codes_are_a_contract(error: type[ImurepError], exit_code: int) -> None:
    assert error.exit_code == exit_code
    assert error("what to do").exit_code == exit_code
    assert str(error("what to do")) == "what to do"

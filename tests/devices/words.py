"""Short ways to write what is said to a conversation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imurep.devices.protocol import Disconnect, Write
from imurep.events import Notification

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imurep.devices.protocol import Conversation, Step


def heard(payload: str | bytes, channel: str = "data", at_us: int = 0) -> Notification:
    return Notification(at_us, channel, payload if isinstance(payload, bytes) else bytes.fromhex(payload))


def says(
    conversation: Conversation, payload: str | bytes, channel: str = "data", at_us: int = 0
) -> list[str]:
    """The payloads that it writes after hearing this."""
    return written(conversation.feed(heard(payload, channel, at_us)))


def written(steps: Sequence[Step]) -> list[str]:
    return [step.payload.hex() for step in steps if isinstance(step, Write)]


def problem(steps: Sequence[Step]) -> str:
    """Why it hangs up."""
    assert len(steps) == 1
    (step,) = steps
    assert isinstance(step, Disconnect)
    assert "\n" not in step.problem
    return step.problem

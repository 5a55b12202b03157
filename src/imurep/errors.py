"""The error tree: what can go wrong, and with which exit code.

Every message names what to do next. A command prints it on one line and exits
with the class's ``exit_code``; anything that is not an ``ImurepError`` is a bug.
"""

from __future__ import annotations


class ImurepError(Exception):
    """Base of all errors that imurep raises on purpose."""

    exit_code = 1


class ConfigError(ImurepError):
    """A setting, an option or an argument is not allowed."""

    exit_code = 2


class RecordingError(ImurepError):
    """A recording, a CSV file or a truth file cannot be read or written."""

    exit_code = 3


class PacketError(ImurepError):
    """A notification is malformed; it is counted and skipped, never fatal."""


class SourceError(ImurepError):
    """A sensor or another source of samples cannot be reached."""

    exit_code = 4


class SinkError(ImurepError):
    """A broker, the log of sets or another receiver of events cannot be used."""

    exit_code = 5

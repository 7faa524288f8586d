"""How a command is ended from outside: by Ctrl-C, or by SIGTERM."""

import signal
from types import FrameType
from typing import Self

INTERRUPTED = 128 + signal.SIGINT
"""Exit code of a command that Ctrl-C ended, as a shell reports it."""

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Ending:
    """The first signal interrupts the command, further ones do not disturb its cleaning up."""

    def __init__(self) -> None:
        self.exit_code = 0
        self._interrupted = False
        self._former = [signal.getsignal(number) for number in _SIGNALS]

    def __enter__(self) -> Self:
        for number in _SIGNALS:
            signal.signal(number, self._interrupt)
        return self

    def __exit__(self, *_: object) -> None:
        for number, former in zip(_SIGNALS, self._former, strict=True):
            signal.signal(number, former)

    def note(self, number: int) -> None:
        """Remember the signal that ended a command which stays until then.

        Ctrl-C is an interruption to the shell that waits; SIGTERM asks for just such an end.
        """
        self.exit_code = INTERRUPTED if number == signal.SIGINT else 0

    def ignore(self) -> None:
        """Let signals change nothing any more: the command is over."""
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_IGN)

    def _interrupt(self, number: int, _: FrameType | None) -> None:
        if self._interrupted:
            return
        self._interrupted = True
        # As a shell reports it when a signal ends a program.
        self.exit_code = 128 + number
        raise KeyboardInterrupt

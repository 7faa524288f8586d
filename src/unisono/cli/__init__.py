"""The command ``unisono``: each file holds the commands of one subject."""

import os
import sys
from importlib import import_module
from typing import NoReturn

from unisono.cli.ending import INTERRUPTED, Ending


def main() -> NoReturn:
    """Run the command and end the process with its exit code."""
    with Ending() as ending:
        try:
            # Imported here, because Ctrl-C is quiet also while everything is being imported.
            code = import_module("unisono.cli.command").run(sys.argv[1:], ending)
        except KeyboardInterrupt:
            code = INTERRUPTED
        ending.ignore()
        try:
            sys.stdout.flush()
        except BrokenPipeError:
            # Python would complain when it flushes the closed output at its end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(ending.exit_code or code)

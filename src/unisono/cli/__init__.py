"""The command ``unisono``: each file holds the commands of one subject."""

from unisono.cli.command import main

__all__ = ["main"]

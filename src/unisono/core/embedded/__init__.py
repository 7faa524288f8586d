"""The PostgreSQL that unisono brings along: started, attached to, and stopped.

This is its public face; ``server`` tells the story, the other modules have a subject each.
"""

from unisono.core.embedded.cluster import run_program
from unisono.core.embedded.errors import DataDirectoryInUse, EmbeddedServerFailed
from unisono.core.embedded.server import (
    EmbeddedServer,
    RunningServer,
    attach,
    default_data_directory,
    start,
)
from unisono.core.embedded.settings import ServerSettings
from unisono.core.embedded.wheel import binaries

__all__ = [
    "DataDirectoryInUse",
    "EmbeddedServer",
    "EmbeddedServerFailed",
    "RunningServer",
    "ServerSettings",
    "attach",
    "binaries",
    "default_data_directory",
    "run_program",
    "start",
]

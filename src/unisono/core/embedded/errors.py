"""What can go wrong with the embedded PostgreSQL, each as one sentence for a person."""

from pathlib import Path

from unisono.core.errors import UnisonoError


class EmbeddedServerFailed(UnisonoError):
    """The embedded PostgreSQL cannot be used.

    ``reason`` is a clause without a full stop; `log_tail` holds the last lines that PostgreSQL
    wrote, for a bug report, and is empty when PostgreSQL was never reached.
    """

    def __init__(self, reason: str, log_tail: str = "") -> None:
        super().__init__(f"The embedded PostgreSQL cannot be used: {reason}.")
        self.reason = reason
        self.log_tail = log_tail


class DataDirectoryInUse(UnisonoError):
    """Another unisono uses this data directory.

    ``owner_note`` is what the first one says about itself: its address, or what it does.
    """

    def __init__(self, data_directory: Path, owner_note: str) -> None:
        super().__init__(
            f"The data directory {data_directory} is in use by another unisono ({owner_note})."
        )
        self.data_directory = data_directory
        self.owner_note = owner_note

"""The PostgreSQL settings that the embedded server is started with, each with its reason."""

from dataclasses import dataclass
from pathlib import Path

# The port only names the socket file: nothing listens on TCP.
PORT = 5432

# What no installation has a reason to change.
_FIXED = {
    # The folder of the socket (0700) is the only door: no network, so no password to manage.
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "port": str(PORT),
    # Orders are many short statements; compiling them costs more than it ever gives back.
    "jit": "off",
    # Standard error goes to a file that is rotated by size, so a storm of errors cannot fill
    # the disk: old files are removed by ``process.prune_logs``.
    "logging_collector": "on",
    "log_destination": "stderr",
    "log_directory": "log",
    "log_filename": "postgresql-%Y-%m-%d_%H%M%S.log",
    "log_rotation_size": "10MB",
    "log_rotation_age": "0",
    "log_line_prefix": "%m [%p] %d ",
    # The detail of a constraint error quotes the row, and a row may be a customer's address.
    "log_error_verbosity": "terse",
    # A wait of a second for a lock is worth a line: the order of locks is a rule of the project.
    "log_lock_waits": "on",
    # Times are computed in a location's own zone by the application, never by the server's.
    "timezone": "UTC",
    "log_timezone": "UTC",
}


def _switch(*, on: bool) -> str:
    return "on" if on else "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSettings:
    """Settings of the embedded PostgreSQL for an order management system on a small machine.

    They are given on the server's command line at each start, so that a new version of unisono
    brings its new values along; nothing is written into the data directory.
    """

    # The hot tables (levels, claims, keys, recent orders) of a large shop fit into this.
    shared_buffers_mb: int = 256
    # Tells the planner what the system's page cache holds beside it; it allocates nothing.
    effective_cache_size_mb: int = 1024
    # Sorts of reports stay in memory; at 100 connections that still fits a small machine.
    work_mem_mb: int = 8
    # Index builds of migrations and vacuum of the event table need one pass, not several.
    maintenance_work_mem_mb: int = 128
    # Several processes with a pool each, the workers, and a person with psql.
    max_connections: int = 100
    # Few checkpoints under load: each one makes every page travel whole through the log again.
    max_wal_size_mb: int = 2048
    # Segments are kept for reuse, so that a peak does not begin with creating files.
    min_wal_size_mb: int = 256
    # A longer time between checkpoints writes less; recovery after a crash stays within seconds.
    checkpoint_timeout_minutes: int = 15
    # An answer is sent after the commit, and the commit is on the disk: orders are money.
    synchronous_commit: bool = True
    # Only throw-away data of tests may turn this off: a power cut then destroys the cluster.
    fsync: bool = True
    # Disks without heads: a random page costs about what the next page costs.
    random_page_cost: float = 1.1
    # Stock levels and jobs are rewritten all the time: look often, before they bloat.
    autovacuum_naptime_seconds: int = 15
    # The default of a fifth lets a hot table grow by a fifth before anybody looks.
    autovacuum_vacuum_scale_factor: float = 0.05
    # Plans follow the growth of a new shop, whose first day multiplies its tables.
    autovacuum_analyze_scale_factor: float = 0.05
    # The default limit dates from spinning disks and falls behind a busy order table.
    autovacuum_vacuum_cost_limit: int = 1000
    # Recovery after a crash replays at most ``max_wal_size_mb``; longer than this, something hangs.
    start_timeout_seconds: float = 120.0

    def options(self, *, data_directory: Path, socket_directory: Path) -> list[str]:
        """Arguments of the ``postgres`` program for these settings on this data directory."""
        # The folder is one element of a list, so commas and spaces in it need the quotes.
        folder = str(socket_directory).replace('"', '""')
        values = _FIXED | {
            "unix_socket_directories": f'"{folder}"',
            "shared_buffers": f"{self.shared_buffers_mb}MB",
            "effective_cache_size": f"{self.effective_cache_size_mb}MB",
            "work_mem": f"{self.work_mem_mb}MB",
            "maintenance_work_mem": f"{self.maintenance_work_mem_mb}MB",
            "max_connections": str(self.max_connections),
            "max_wal_size": f"{self.max_wal_size_mb}MB",
            "min_wal_size": f"{self.min_wal_size_mb}MB",
            "checkpoint_timeout": f"{self.checkpoint_timeout_minutes}min",
            "synchronous_commit": _switch(on=self.synchronous_commit),
            "fsync": _switch(on=self.fsync),
            # Whole pages in the log protect against torn writes, which matter only with fsync.
            "full_page_writes": _switch(on=self.fsync),
            "random_page_cost": str(self.random_page_cost),
            "autovacuum_naptime": f"{self.autovacuum_naptime_seconds}s",
            "autovacuum_vacuum_scale_factor": str(self.autovacuum_vacuum_scale_factor),
            "autovacuum_analyze_scale_factor": str(self.autovacuum_analyze_scale_factor),
            "autovacuum_vacuum_cost_limit": str(self.autovacuum_vacuum_cost_limit),
        }
        arguments = ["-D", str(data_directory)]
        for name, value in values.items():
            arguments += ["-c", f"{name}={value}"]
        return arguments

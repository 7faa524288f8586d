"""Logs: one line of JSON per event on standard error, without the values of local variables.

Keys, passwords and customers' data are in those values; a trace here names code, never data.
"""

import logging
import sys
import traceback

import psycopg
import structlog

from unisono.core.settings import Settings, SettingWrong

CAUSES_MAX = 10

LEVELS = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}


def reason(problem: BaseException) -> str:
    """Return why something failed, in one line without data.

    PostgreSQL quotes the row that it refuses in the details of its answer, and a customer may be in
    it: only its first sentence is passed on.
    """
    if isinstance(problem, psycopg.Error) and problem.diag.message_primary:
        return f"{type(problem).__name__}: {problem.diag.message_primary}"
    lines = str(problem).strip().splitlines()
    return f"{type(problem).__name__}: {lines[0]}" if lines else type(problem).__name__


def trace(problem: BaseException) -> str:
    """Return where something failed and why, cause after cause, without data."""
    causes: list[str] = []
    at: BaseException | None = problem
    while at is not None and len(causes) < CAUSES_MAX:
        causes.append("".join(traceback.format_tb(at.__traceback__)) + reason(at))
        at = at.__cause__ or at.__context__
    return "\nbecause of:\n".join(causes)


def configure(settings: Settings) -> None:
    """Set the process's logging up. Raises SettingWrong for an unknown ``log_level``."""
    level = LEVELS.get(settings.log_level)
    if level is None:
        message = f"log_level is “{settings.log_level}”: it must be one of {', '.join(LEVELS)}"
        raise SettingWrong(message)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    # The libraries' own lines: what they find worth a warning.
    logging.basicConfig(level=max(level, logging.WARNING), stream=sys.stderr)

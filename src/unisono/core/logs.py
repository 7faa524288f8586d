"""Logs: one line of JSON per event on standard error, without the values of local variables.

Keys, passwords and customers' data are in those values; a trace here names code, never data.
"""

import logging
import sys

import structlog

from unisono.core.settings import Settings, SettingWrong

LEVELS = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}


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

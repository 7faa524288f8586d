"""Every setting, with its default and its meaning, in one place.

A setting is taken from the environment (``UNISONO_`` and its name in capitals), else from the TOML
file that ``UNISONO_CONFIG`` names, else from its default. ``unisono config`` shows them all.
"""

import dataclasses
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_type_hints

from unisono.core.errors import UnisonoError

PREFIX = "UNISONO_"


class SettingWrong(UnisonoError):
    """A setting has a value that cannot be used."""


def _setting(
    default: Any,  # noqa: ANN401 - the annotation of each field says what it is
    meaning: str,
    *,
    secret: bool = False,
    minimum: int = 1,
    maximum: int = 2**31 - 1,
    pattern: str | None = None,
) -> Any:  # noqa: ANN401
    return field(
        default=default,
        metadata={
            "meaning": meaning,
            "secret": secret,
            "minimum": minimum,
            "maximum": maximum,
            "pattern": pattern,
        },
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of one process."""

    database_url: str | None = _setting(
        None,
        "Address of a PostgreSQL 15 or newer; without it, the embedded one is used",
        secret=True,
    )
    data_directory: Path | None = _setting(
        None, "Where the embedded PostgreSQL keeps its data; without it, a folder of the user"
    )
    host: str = _setting("127.0.0.1", "Address on which HTTP is served")
    port: int = _setting(8400, "Port on which HTTP is served", maximum=65535)
    log_level: str = _setting("info", "Least severe log line shown: debug, info, warning or error")
    retailer_name: str = _setting("unisono", "Name of the retailer, as customers know it")
    retailer_colour: str = _setting(
        "#0b6e4f",
        "Colour of the retailer on pages that customers see, as #rrggbb",
        pattern="#[0-9a-fA-F]{6}",
    )
    retailer_contact: str | None = _setting(
        None,
        "Where customers turn to: an e-mail address, a telephone number or a web address",
    )
    public_address: str | None = _setting(
        None,
        "Address under which browsers reach this server, for example https://oms.shop.example; "
        "without it, the one that each request names",
    )
    time_zone: str = _setting("UTC", "IANA time zone in which pages show times")
    streams_max: int = _setting(
        200, "Pages that are kept live by a process at the same time; more are told 503"
    )
    currency: str = _setting("EUR", "ISO 4217 currency in which logistics costs are compared")
    split_cost: int = _setting(
        150,
        "What each parcel beyond an order's first costs, in minor units of the currency",
        minimum=0,
    )
    allocation_wait_seconds: int = _setting(
        60, "How long an order that found no stock waits before sourcing is tried again"
    )
    allocation_wait_seconds_max: int = _setting(
        3600, "The longest such wait: it doubles from try to try"
    )
    collect_ready_minutes: int = _setting(
        120, "Opening hours that a location has to prepare what a customer collects, in minutes"
    )

    database_writers: int = _setting(6, "Connections of a process that may write", maximum=500)
    database_readers: int = _setting(6, "Connections of a process that only read", maximum=500)
    database_waiting: int = _setting(400, "Requests that may wait for a connection, at most")
    database_wait_seconds: int = _setting(5, "How long a request waits for a connection")
    lock_timeout_ms: int = _setting(500, "How long a statement waits for a lock")
    statement_timeout_seconds: int = _setting(30, "How long a statement may run")

    capture_batch_max: int = _setting(256, "Orders decided together in one transaction, at most")
    capture_queue_max: int = _setting(4096, "Orders that may wait to be decided; more are told 503")
    capture_wait_seconds: int = _setting(
        10, "How long an order may wait to be decided; then it is told 503"
    )
    order_lines_max: int = _setting(2000, "Lines that one order may have")
    list_rows_max: int = _setting(1000, "Rows that a request with a list may have")
    page_rows_max: int = _setting(200, "Rows of a page of a listing, at most")
    request_bytes_max: int = _setting(2_000_000, "Size of a request's body, at most")
    image_skus_max: int = _setting(100_000, "SKUs whose availability a process keeps in memory")
    image_age_ms_max: int = _setting(
        2000, "Age beyond which remembered availability is read again from the database"
    )

    key_cache_seconds: int = _setting(
        5, "How long a process trusts what it read of an API key or a session"
    )
    session_hours: int = _setting(
        12, "How long somebody stays signed in after the last use", maximum=24 * 365
    )
    session_days_max: int = _setting(
        30, "How long somebody stays signed in at most, however often it is used", maximum=365
    )
    idempotency_hours: int = _setting(48, "How long the answer to an Idempotency-Key is kept")
    drain_events_max: int = _setting(500, "Events that a listener is given at once, at most")
    drain_pause_ms: int = _setting(100, "How long an idle listener waits before it looks again")
    drain_attempts_max: int = _setting(
        5, "Tries of a listener on one event before it is set aside as a dead letter"
    )
    listener_lag_seconds_max: int = _setting(
        30, "Age of events that a listener has not heard of, beyond which the overview alerts"
    )
    stock_figures_seconds: int = _setting(
        10, "How long the overview shows stock figures before every level is read again"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sourced:
    """One setting as ``unisono config`` shows it; a secret's value is hidden."""

    name: str
    variable: str
    value: str
    source: str
    meaning: str


def load(
    environment: Mapping[str, str] | None = None, *, defaults: Settings | None = None
) -> Settings:
    """Return the settings of this process; what nobody sets is as in ``defaults``.

    Raises SettingWrong naming the setting, where it came from and what it must be.
    """
    given, _ = _given(os.environ if environment is None else environment)
    return dataclasses.replace(defaults or Settings(), **given)


def described(environment: Mapping[str, str] | None = None) -> list[Sourced]:
    """Return every setting with its value, its source and its meaning."""
    given, sources = _given(os.environ if environment is None else environment)
    settings = Settings(**given)
    shown = []
    for each in dataclasses.fields(Settings):
        value = getattr(settings, each.name)
        hidden = each.metadata["secret"] and value is not None
        shown.append(
            Sourced(
                name=each.name,
                variable=PREFIX + each.name.upper(),
                value="(hidden)" if hidden else ("" if value is None else str(value)),
                source=sources.get(each.name, "default"),
                meaning=each.metadata["meaning"],
            )
        )
    return shown


def _given(environment: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the settings that somebody set, and where."""
    hints = get_type_hints(Settings)
    given: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for name, raw, source in [*_from_file(environment), *_from_environment(environment)]:
        if name not in hints:
            message = f"{source} sets {name}, which is not a setting; see `unisono config`"
            raise SettingWrong(message)
        given[name] = _converted(name, raw, hints[name], source)
        sources[name] = source
    return given, sources


def _from_file(environment: Mapping[str, str]) -> list[tuple[str, str, str]]:
    path = environment.get(PREFIX + "CONFIG")
    if not path:
        return []
    try:
        content = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as problem:
        message = f"the configuration file {path} cannot be read: {problem}"
        raise SettingWrong(message) from None
    return [(name, str(value), path) for name, value in content.items()]


def _from_environment(environment: Mapping[str, str]) -> list[tuple[str, str, str]]:
    return [
        (variable.removeprefix(PREFIX).lower(), value, variable)
        for variable, value in environment.items()
        if variable.startswith(PREFIX) and variable != PREFIX + "CONFIG"
    ]


def _converted(name: str, raw: str, kind: object, source: str) -> str | int | Path:
    limits = next(each.metadata for each in dataclasses.fields(Settings) if each.name == name)
    if limits["pattern"] is not None and re.fullmatch(limits["pattern"], raw) is None:
        message = f"{source} sets {name} to “{raw}”: {limits['meaning']}"
        raise SettingWrong(message)
    if kind is not int:
        return Path(raw) if name.endswith("_directory") else raw
    try:
        number = int(raw)
    except ValueError:
        number = None
    if number is None or not limits["minimum"] <= number <= limits["maximum"]:
        message = (
            f"{source} sets {name} to “{raw}”: it must be a whole number "
            f"from {limits['minimum']} to {limits['maximum']}"
        )
        raise SettingWrong(message)
    return number

"""All periodic work, on one page: what, how often, and how old a thing may get.

Periodic jobs are rows: whichever process is free runs them, each time once for all processes.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import procrastinate

from unisono.core import idempotency
from unisono.core.database import Database
from unisono.core.settings import Settings
from unisono.identity import sessions, sign_in_tries
from unisono.orders import reroute

FINISHED_JOBS_HOURS = 24
"""How long finished jobs are kept, for whoever looks for them."""

RETRY_PAGES_MAX = 100
"""Pages of parked orders that one job tries again; the next job goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Periodic:
    """Work at the times of a cron line (five fields, UTC), safe to repeat."""

    name: str
    cron: str
    work: Callable[[Database, Settings], Awaitable[None]]


async def forget_old_answers(database: Database, settings: Settings) -> None:
    """Forget the answers to old Idempotency-Keys."""
    async with database.transaction() as db:
        await idempotency.forget_older(db, hours=settings.idempotency_hours)


async def retry_parked_orders(database: Database, settings: Settings) -> None:
    """Source again what waits for stock that arrived, or whose time has come, page by page."""
    async with database.transaction() as db:
        supplied = await reroute.supplied(db, limit=settings.list_rows_max)
        await reroute.reroute(db, order_ids=supplied)
    for _ in range(RETRY_PAGES_MAX):
        async with database.transaction() as db:
            order_ids = await reroute.due(db, limit=settings.list_rows_max)
            if not order_ids:
                return
            await reroute.reroute(db, order_ids=order_ids)


async def forget_ended_sessions(database: Database, _: Settings) -> None:
    """Forget sessions that have ended, and wrong passwords that count no more."""
    async with database.transaction() as db:
        await sessions.forget_ended(db)
        await sign_in_tries.forget_old(db)


SCHEDULE: tuple[Periodic, ...] = (
    Periodic(name="forget_old_answers", cron="7 * * * *", work=forget_old_answers),
    Periodic(name="forget_ended_sessions", cron="*/10 * * * *", work=forget_ended_sessions),
    Periodic(name="retry_parked_orders", cron="* * * * *", work=retry_parked_orders),
)


def jobs(database: Database, settings: Settings) -> procrastinate.App:
    """Return the job application with the schedule in it; it opens connections of its own."""
    app = procrastinate.App(
        connector=procrastinate.PsycopgConnector(
            conninfo=database.url,
            min_size=1,
            max_size=4,
            # Its tables are in their own schema, and its functions name them without it.
            kwargs={"options": "-c search_path=jobs,public", "application_name": "unisono jobs"},
        )
    )
    for each in SCHEDULE:
        _enter(app, each, database, settings)

    @app.periodic(cron="37 3 * * *")
    @app.task(name="delete_finished_jobs", queueing_lock="delete_finished_jobs")
    async def delete_finished_jobs(timestamp: int) -> None:  # noqa: ARG001 - given by the scheduler
        await app.job_manager.delete_old_jobs(
            nb_hours=FINISHED_JOBS_HOURS, include_cancelled=True, include_aborted=True
        )

    return app


def _enter(
    app: procrastinate.App, periodic: Periodic, database: Database, settings: Settings
) -> None:
    @app.periodic(cron=periodic.cron)
    @app.task(name=periodic.name, queueing_lock=periodic.name)
    async def run(timestamp: int) -> None:  # noqa: ARG001 - given by the scheduler
        await periodic.work(database, settings)

"""What is logged of a failure: where and why, never whose data."""

import pytest
from psycopg.errors import CheckViolation

from unisono.core import logs
from unisono.core.database import Database

ROW = b"""
    INSERT INTO orders.orders (id, number, channel, reference, state, currency, delivery_option,
                               customer, goods_amount, delivery_amount, total_amount, placed_at)
    VALUES (gen_random_uuid(), 1, 1, 'A', 'nowhere', 'EUR', 'home_standard',
            '{"name": "Zoe Martin"}', 1, 0, 1, now())
"""


async def _refused(database: Database) -> CheckViolation:
    with pytest.raises(CheckViolation) as caught:
        async with database.transaction() as db:
            await db.execute(ROW)
    return caught.value


async def test_the_row_that_the_database_refused_is_not_quoted(database: Database) -> None:
    problem = await _refused(database)
    assert "Zoe Martin" in str(problem)
    assert logs.reason(problem) == (
        'CheckViolation: new row for relation "orders" violates check constraint '
        '"an_order_is_in_a_known_state"'
    )
    shown = logs.trace(problem)
    assert "Zoe Martin" not in shown
    assert "test_logs.py" in shown


def _fail_because_of_another() -> None:
    try:
        int("x")
    except ValueError as problem:
        raise KeyError("y") from problem


def test_a_trace_goes_on_to_the_cause() -> None:
    with pytest.raises(KeyError) as caught:
        _fail_because_of_another()
    shown = logs.trace(caught.value)
    assert shown.index("KeyError: 'y'") < shown.index("because of:") < shown.index("ValueError")

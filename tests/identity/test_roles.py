"""What each role may do."""

from tests.identity.staff import hire, rows
from unisono.core.database import Database
from unisono.identity.roles import ROLES
from unisono.identity.scopes import SCOPES


def test_an_administrator_may_do_everything() -> None:
    assert ROLES["administrator"] == set(SCOPES)


def test_operations_may_do_everything_but_change_people_and_keys() -> None:
    assert set(SCOPES) - ROLES["operations"] == {"people:write"}


def test_service_works_on_orders_and_reads_the_rest() -> None:
    assert {scope for scope in ROLES["service"] if scope.endswith(":write")} == {"orders:write"}
    assert {scope for scope in ROLES["service"] if scope.endswith(":read")} == {
        "orders:read",
        "stock:read",
        "fulfillment:read",
        "catalog:read",
        "channels:read",
        "network:read",
    }


def test_a_store_works_on_its_own_work_only() -> None:
    assert ROLES["store"] == {
        "fulfillment:read",
        "fulfillment:write",
        "stock:read",
        "catalog:read",
        "network:read",
    }


def test_roles_are_made_of_scopes_that_exist() -> None:
    assert [role for role, scopes in ROLES.items() if scopes - set(SCOPES)] == []


async def test_every_role_can_be_given(database: Database) -> None:
    for role in ROLES:
        await hire(database, f"{role}@shop.example", role, ["LYON"])
    assert await rows(database, "SELECT role FROM identity.person ORDER BY role") == [
        (role,) for role in sorted(ROLES)
    ]

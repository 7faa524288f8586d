"""The password of whoever is signed in, changed by that person: the old one is asked for."""

from unisono.core import queries
from unisono.core.database import Database
from unisono.core.errors import Fault, InvalidInput
from unisono.identity import passwords, sessions, sign_in_tries, trail
from unisono.identity.sessions import Visitor

sql = queries.beside(__file__)


async def change(database: Database, *, visitor: Visitor, token: str, old: str, new: str) -> None:
    """Give the visitor a new password; every session ends but the one of this ``token``.

    Takes its own transactions, none of which is open while a password is hashed. A wrong old
    password counts as a wrong try to sign in, so that whoever finds a browser open cannot guess.
    Raises InvalidInput for the field that is wrong (``wrong_password``, ``wrong_length``),
    SignInSlowed while the address has to wait, and Overloaded.
    """
    fault = passwords.fault_of(new)
    if fault is not None:
        raise InvalidInput(fault)
    with passwords.place():
        async with database.transaction() as db:
            await sign_in_tries.begin(db, address=visitor.email)
            stored: str | None = await db.value(sql.password_of, {"id": visitor.id})
        if not await passwords.matches(old, stored=stored):
            raise _wrong()
        new_hash = await passwords.hashed(new)
    async with database.transaction() as db:
        parameters = {"id": visitor.id, "verified": stored, "password_hash": new_hash}
        if await db.value(sql.replace_password, parameters) is None:
            raise _wrong()
        await sign_in_tries.succeed(db, address=visitor.email)
        author = visitor.name
        await sessions.end_others(db, person_id=visitor.id, token=token, author=author)
        await trail.write(db, actor=author, act="password_set", subject=visitor.email)


def _wrong() -> InvalidInput:
    detail = "this is not the password that you have now"
    return InvalidInput(Fault(pointer="/old_password", code="wrong_password", detail=detail))

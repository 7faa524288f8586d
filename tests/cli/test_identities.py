from collections.abc import Callable

import argon2
import psycopg
import pytest

from tests.cli.commands import Ended


def test_a_key_is_all_that_stands_on_standard_output(
    unisono: Callable[..., Ended], database_url: str
) -> None:
    made = unisono("key", "add", "--name", "till", "--scope", "all", database_url=database_url)
    assert made.code == 0
    (line,) = made.out.splitlines()
    assert line.startswith("uk_")
    assert made.err == "The key of “till”. Keep it: it cannot be shown again.\n"


def test_a_rotated_key_keeps_its_name_and_rights(
    unisono: Callable[..., Ended], database_url: str
) -> None:
    rights = ("--scope", "stock:read", "--scope", "stock:write")
    first = unisono("key", "add", "--name", "robot", *rights, database_url=database_url)
    second = unisono("key", "rotate", "robot", "--overlap-hours", "2", database_url=database_url)
    assert second.out.startswith("uk_")
    assert second.out != first.out
    table = unisono("key", "list", database_url=database_url).out
    listed = [line for line in table.splitlines() if "robot" in line]
    assert ["stock:read" in line for line in listed] == [True, True]
    assert ["never" in line for line in listed] == [True, False]
    assert first.out.strip() not in table


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("key", "rotate", "nobody"), "there is no live API key named “nobody”"),
        (("key", "end", "nobody"), "there is no live API key named “nobody”"),
        (("user", "off", "Max@shop.example"), "there is no person max@shop.example"),
        (("user", "on", "nobody"), "there is no person nobody"),
        (
            ("user", "password", "zoe@shop.example"),
            "without a terminal, give the password by --password-stdin",
        ),
        (
            ("key", "add", "--name", "x", "--scope", "all", "--location", "MOON"),
            "there is no location MOON",
        ),
        (
            ("user", "add", "--email", "zoe@shop.example", "--name", "Zoé", "--role", "service"),
            "without a terminal, give the password by --password-stdin",
        ),
    ],
)
def test_what_is_not_there_is_told(
    refused: Callable[..., str], database_url: str, arguments: tuple[str, ...], said: str
) -> None:
    assert refused(*arguments, database_url=database_url) == said


def test_a_person_is_added_once(
    unisono: Callable[..., Ended], refused: Callable[..., str], database_url: str
) -> None:
    who = ("--email", "Zoe@shop.example", "--name", "Zoé", "--role", "service")
    zoe = ("user", "add", *who, "--password-stdin")
    short = refused(*zoe, given="short\n", database_url=database_url)
    assert short == "a password has 12 to 1000 characters"
    added = unisono(*zoe, given="a long enough one\n", database_url=database_url)
    assert added == Ended(code=0, out="", err="zoe@shop.example was added (service).\n")
    again = refused(*zoe, given="a long enough one\n", database_url=database_url)
    assert again == "somebody with the e-mail address zoe@shop.example exists already"


def test_an_ended_key_is_listed_no_more(
    unisono: Callable[..., Ended], refused: Callable[..., str], database_url: str
) -> None:
    unisono("key", "add", "--name", "till", "--scope", "all", database_url=database_url)
    again = refused("key", "add", "--name", "till", "--scope", "all", database_url=database_url)
    assert again == "there is a living API key named “till” already"
    ended = unisono("key", "end", "till", database_url=database_url)
    assert ended == Ended(code=0, out="", err="The key “till” has ended.\n")
    assert unisono("key", "list", database_url=database_url) == Ended(
        code=0, out="", err="There is no key. Make one: unisono key add --help\n"
    )


def test_people_are_listed_switched_off_and_on(
    unisono: Callable[..., Ended], refused: Callable[..., str], database_url: str
) -> None:
    assert unisono("user", "list", database_url=database_url) == Ended(
        code=0, out="", err="There is nobody. Add somebody: unisono user add --help\n"
    )
    for email, role in (("zoe@shop.example", "service"), ("boss@shop.example", "administrator")):
        who = ("--email", email, "--name", "Zoé", "--role", role, "--password-stdin")
        unisono("user", "add", *who, given="a long enough one\n", database_url=database_url)
    off = unisono("user", "off", "Zoe@shop.example", database_url=database_url)
    assert off == Ended(code=0, out="", err="zoe@shop.example was switched off.\n")
    listed = unisono("user", "list", database_url=database_url).out.splitlines()
    found = [[each.strip() for each in line.split("│")] for line in listed if "@" in line]
    assert [row[1:-1] for row in found] == [
        ["boss@shop.example", "Zoé", "administrator", "all", "yes"],
        ["zoe@shop.example", "Zoé", "service", "all", "switched off"],
    ]
    on = unisono("user", "on", "zoe@shop.example", database_url=database_url)
    assert on == Ended(code=0, out="", err="zoe@shop.example was switched on.\n")
    last = refused("user", "off", "boss@shop.example", database_url=database_url)
    assert last == "boss@shop.example is the last active administrator; make another one first"


def test_a_person_is_given_a_new_password(
    unisono: Callable[..., Ended], refused: Callable[..., str], database_url: str
) -> None:
    who = ("--email", "zoe@shop.example", "--name", "Zoé", "--role", "service")
    zoe = ("user", "add", *who, "--password-stdin")
    unisono(*zoe, given="a long enough one\n", database_url=database_url)
    given = ("user", "password", "zoe@shop.example", "--password-stdin")
    short = refused(*given, given="short\n", database_url=database_url)
    assert short == "a password has 12 to 1000 characters"
    told = unisono(*given, given="another long one\n", database_url=database_url)
    assert told == Ended(code=0, out="", err="zoe@shop.example has a new password.\n")
    with psycopg.connect(database_url) as connection:
        rows = connection.execute("SELECT password_hash FROM identity.person").fetchall()
        acts = connection.execute("SELECT actor, act FROM identity.audit_entry ORDER BY id")
        assert acts.fetchall() == [("unisono", "person_added"), ("unisono", "password_set")]
    ((stored,),) = rows
    assert argon2.PasswordHasher().verify(stored, "another long one")

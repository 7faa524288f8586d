from collections.abc import Callable

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

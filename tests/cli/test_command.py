import json
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.commands import COMMAND, PATIENCE_SECONDS, Ended, environment, run, wait_for
from unisono import __version__
from unisono.cli.command import COMMANDS
from unisono.core import settings

pytestmark = pytest.mark.whole


def test_every_command_is_there_and_says_what_it_does(tmp_path: Path) -> None:
    ended = run("--help", place=tmp_path)
    assert ended.code == 0
    for name, (_, meaning) in COMMANDS.items():
        assert f"  {name} " in ended.out
        assert meaning in ended.out


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_its_own_help(unisono: Callable[..., Ended], name: str) -> None:
    ended = unisono(name, "--help")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith(f"Usage: unisono {name} ")


def test_the_version_is_shown(unisono: Callable[..., Ended]) -> None:
    assert unisono("version") == Ended(code=0, out=f"unisono {__version__}\n", err="")


def test_every_setting_is_shown_with_its_source_and_without_secrets(
    unisono: Callable[..., Ended],
) -> None:
    url = "postgresql://me:secret@host/unisono"
    listed = unisono("config", "--json", port=8500, database_url=url)
    shown = {each["name"]: each for each in json.loads(listed.out)}
    assert list(shown) == [each.name for each in settings.described({})]
    assert shown["port"] == {
        "name": "port",
        "variable": "UNISONO_PORT",
        "value": "8500",
        "source": "UNISONO_PORT",
        "meaning": "Port on which HTTP is served",
    }
    assert shown["host"]["source"] == "default"
    assert shown["database_url"]["value"] == "(hidden)"
    table = unisono("config", port=8500, database_url=url).out
    assert "secret" not in listed.out + table
    assert all(each["meaning"] in table for each in shown.values())


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            {"port": "http"},
            "UNISONO_PORT sets port to “http”: it must be a whole number from 1 to 65535",
        ),
        ({"prot": 80}, "UNISONO_PROT sets prot, which is not a setting; see `unisono config`"),
        (
            {"log_level": "loud"},
            "log_level is “loud”: it must be one of debug, info, warning, error",
        ),
        (
            {"config": "/"},
            "the configuration file / cannot be read: [Errno 21] Is a directory: '/'",
        ),
    ],
)
def test_a_wrong_setting_is_named_before_anything_is_made(
    refused: Callable[..., str], given: dict[str, object], said: str, tmp_path: Path
) -> None:
    assert refused("serve", data_directory=tmp_path / "data", **given) == said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("sevre",), "No such command 'sevre'; see `unisono --help`"),
        (("serve", "--prot", "80"), "No such option '--prot'"),
        (("serve", "--processes", "0"), "Invalid value for '--processes': 0 is not in the range"),
        (("key", "add", "--name", "x"), "Missing option '--scope'"),
        (("key", "add", "--name", "x", "--scope", "fly"), "Invalid value for '--scope': 'fly' is"),
        (("restore", "/nowhere"), "Invalid value for 'FILE': File '/nowhere' does not exist"),
    ],
)
def test_wrong_use_is_one_clear_line(
    refused: Callable[..., str], arguments: tuple[str, ...], said: str
) -> None:
    assert refused(*arguments).startswith(said)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql//me:secret@host/shop", "database_url is not an address of PostgreSQL; write for"),
        ("postgresql://me:secret@127.0.0.1:1/shop", "the database cannot be used: connection fai"),
    ],
)
@pytest.mark.parametrize("name", ["migrate", "audit"])
def test_a_wrong_database_url_is_told_without_its_password(
    refused: Callable[..., str], name: str, url: str, said: str
) -> None:
    told = refused(name, database_url=url)
    assert told.startswith(said)
    assert "secret" not in told


def test_a_reader_that_ends_early_is_no_fault() -> None:
    with subprocess.Popen(
        [*COMMAND, "config"],
        env=environment(None),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""


def test_an_interrupted_first_start_does_not_disturb_the_next(
    unisono: Callable[..., Ended], tmp_path: Path
) -> None:
    place, unfinished = tmp_path / "data", tmp_path / ".data.unfinished"
    for number, code in ((signal.SIGINT, 130), (signal.SIGKILL, -signal.SIGKILL)):
        former = unfinished.stat().st_ctime_ns if unfinished.exists() else 0
        with subprocess.Popen(
            [*COMMAND, "migrate"],
            env=environment(place),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as process:
            _wait_for_newer(unfinished, former)
            os.kill(process.pid, number)
            assert process.wait(PATIENCE_SECONDS) == code
            assert process.stderr is not None
            assert process.stderr.read().strip() == b""
        assert not place.exists()
    assert unisono("migrate", data_directory=place).code == 0


def _wait_for_newer(folder: Path, former: int) -> None:
    wait_for(lambda: folder.exists() and folder.stat().st_ctime_ns > former)

"""The demo as a whole: it ends well, its figures add up, and nobody's data is touched."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from unisono.cli.demo import demo
from unisono.core.settings import Settings
from unisono.demo import run
from unisono.demo.order_plan import plan_orders

ORDERS = 60
SEED = 3
INTERRUPTED = 130
WRONG_USE = 2


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where every demo of these tests keeps its data, one after the other."""
    return tmp_path_factory.mktemp("demo")


def environment(folder: Path) -> dict[str, str]:
    """Settings of a user whose own data is in ``folder/own``, and a database that nobody uses."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("UNISONO_")}
    return {
        **kept,
        "UNISONO_DATA_DIRECTORY": str(folder / "own"),
        "UNISONO_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/the_users_own",
    }


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "unisono", "demo", *arguments]


def figures(output: str) -> dict[str, int]:
    """The whole numbers of the summary by label."""
    found = re.findall(r"^ *([a-z][a-z ]*?)  +(\d+)(?: units)?(?: |$)", output, re.MULTILINE)
    return {label: int(number) for label, number in found}


def test_orders_are_sold_fulfilled_and_delivered_and_every_figure_adds_up(folder: Path) -> None:
    ended = subprocess.run(
        command("--orders", str(ORDERS), "--seed", str(SEED), "--exit"),
        env=environment(folder),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "wrong:" not in ended.stdout
    told = figures(ended.stdout)
    assert told["orders planned"] == told["captured"] + told["refused"] == ORDERS
    assert told["captured"] == sum(
        told[outcome]
        for outcome in ("delivered", "collected", "carried out", "cancelled", "waiting")
    )
    assert told["under way"] == 0
    assert told["oversold"] == 0
    # What is carried out of stores does not depend on stock or time: the plan alone says it.
    assert told["carried out"] == sum(
        planned.delivery_option == "in_store" for planned in plan_orders(SEED, ORDERS)
    )
    assert told["delivered"] > 0
    assert told["collected"] > 0
    assert re.search(r"^audit +clean ", ended.stdout, re.MULTILINE)
    assert (folder / "demo" / "PG_VERSION").exists()
    assert not (folder / "own").exists()


@contextmanager
def going_on(folder: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """A demo that goes on serving, and the lines that it told until then."""
    process = subprocess.Popen(
        command("--orders", "5", *arguments),
        env={**environment(folder), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    lines = []
    try:
        for line in process.stdout:
            lines.append(line.rstrip("\n"))
            if line.startswith("  curl "):
                break
        yield process, lines
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def get(address: str, key: str, *, method: str = "GET") -> tuple[int, bytes]:
    request = urllib.request.Request(  # noqa: S310 - our own address
        address, headers={"Authorization": f"Bearer {key}"}, method=method
    )
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
            return answer.status, answer.read()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.read()


def test_the_demo_goes_on_until_ctrl_c_and_can_be_looked_at(folder: Path) -> None:
    with going_on(folder) as (process, lines):
        curl = shlex.split(lines[-1])
        key, address = curl[2].removeprefix("Authorization: Bearer "), curl[3]
        status, body = get(address, key)
        assert status == 200
        assert len(json.loads(body)["items"]) == 3
        # The orders of the demo before are gone.
        told = figures("\n".join(lines))
        assert told["captured"] + told["refused"] == 5
        assert [line for line in lines if line.startswith("wrong:")] == []
        host = address.partition("/v1")[0]
        assert f"  documentation  {host}/docs" in lines
        assert get(f"{host}/v1/orders", key, method="POST")[0] == 403
        second = subprocess.run(
            command("--exit"),
            env=environment(folder),
            capture_output=True,
            text=True,
            check=False,
        )
        assert second.returncode == WRONG_USE
        assert second.stderr == (
            f"unisono: The data directory {folder / 'demo'} is in use by another unisono "
            f"(demo at {host}).\n"
        )
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == INTERRUPTED
        assert "Traceback" not in (process.stdout.read() if process.stdout else "")


def test_ctrl_c_ends_a_demo_in_the_middle(folder: Path) -> None:
    process = subprocess.Popen(
        command("--orders", "2000", "--exit"),
        env={**environment(folder), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    with process.stdout:
        for line in process.stdout:
            if "are answered" in line:
                break
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read()
    assert process.wait(timeout=30) == INTERRUPTED
    assert "Traceback" not in rest
    assert "audit" not in rest


@pytest.mark.parametrize("arguments", [("--orders", "0"), ("--seed", "-1"), ("--port", "70000")])
def test_what_cannot_be_wanted_is_refused(arguments: tuple[str, str]) -> None:
    refused = CliRunner().invoke(demo, arguments)
    assert refused.exit_code == WRONG_USE
    assert f"Invalid value for '{arguments[0]}'" in refused.output


@pytest.mark.parametrize(("own", "beside"), [("default", "demo"), ("demo", "demo-of-demo")])
def test_the_data_of_the_demo_lies_beside_that_of_the_user(
    tmp_path: Path, settings: Settings, own: str, beside: str
) -> None:
    known = replace(settings, data_directory=tmp_path / own)
    assert run.data_directory(known) == tmp_path / beside

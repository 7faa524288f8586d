"""The demo as a whole: it ends well, its figures add up, and nobody's data is touched."""

import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner

from unisono.cli.demo import demo
from unisono.core import embedded
from unisono.core.settings import Settings
from unisono.demo import run
from unisono.demo.left import STORE
from unisono.demo.order_plan import plan_orders
from unisono.demo.retailer import RETAILER_CONTACT, RETAILER_NAME

pytestmark = pytest.mark.whole

ORDERS = 60
SEED = 3
INTERRUPTED = 130
WRONG_USE = 2
HALF_A_REQUEST = (
    b"POST /v1/orders HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    b"Content-Length: 1000\r\n\r\n{"
)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Show:
    """A demo that goes on: its process, and what it told before that."""

    process: subprocess.Popen[str]
    lines: list[str]

    @property
    def address(self) -> str:
        """Where it serves."""
        return self.lines[0].rpartition(" ")[2]

    @property
    def key(self) -> str:
        """The key that may read everything."""
        (curl,) = [line for line in self.lines if line.strip().startswith("curl ")]
        return shlex.split(curl)[2].removeprefix("Authorization: Bearer ")

    def told(self, label: str) -> str:
        """What stands behind a label of the screenful."""
        (line,) = [line for line in self.lines if line.strip().startswith(f"{label}  ")]
        return line.strip().removeprefix(label).strip()

    def read(self, path: str) -> Any:  # noqa: ANN401 - whatever JSON is there
        """The JSON at an address, which everybody who may read everything may see."""
        status, body = get(f"{self.address}{path}", self.key)
        assert status == 200, body
        return json.loads(body)

    def end(self) -> str:
        """Wait for the end, which Ctrl-C asked for, and return what was still told."""
        assert self.process.wait(timeout=30) == INTERRUPTED
        assert self.process.stdout is not None
        return self.process.stdout.read()


@contextmanager
def going_on(folder: Path, *arguments: str) -> Iterator[Show]:
    """A demo that has told its opening and goes on, until it is killed in the end."""
    process = subprocess.Popen(
        command("--orders", "20", *arguments),
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
            if line.endswith("Ctrl-C ends it.\n"):
                break
        yield Show(process=process, lines=lines)
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


def wait_for(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.2)


def test_the_demo_tells_a_week_and_goes_on_live_until_ctrl_c(folder: Path) -> None:
    with going_on(folder, "--pace", "600") as show:
        assert [line for line in show.lines if line.startswith("wrong:")] == []
        (headline,) = [line for line in show.lines if " orders of the last days, told in " in line]
        assert headline.endswith("; audit clean")
        assert f"  documentation  {show.address}/docs" in show.lines
        assert show.told("console") == f"{show.address}/"
        assert get(f"{show.address}/v1/orders", show.key, method="POST")[0] == 403
        with psycopg.connect(show.told("database")) as connection:
            people = connection.execute(
                "SELECT email, role, locations FROM identity.person ORDER BY id"
            ).fetchall()
        assert people == [
            ("admin@maison-unisono.example", "administrator", []),
            ("operations@maison-unisono.example", "operations", []),
            ("service@maison-unisono.example", "service", []),
            ("rivoli@maison-unisono.example", "store", ["S-PARIS-RIVOLI"]),
        ]
        assert all(any(email in line for line in show.lines) for email, _, _ in people)
        assert len(show.told("password")) == 12
        timeline = show.read("/v1/tracking/" + show.told("tracking page").rpartition("/track/")[2])
        assert [step["milestone"] for step in timeline["steps"]][:2] == [
            "confirmed",
            "carrier_picked_up",
        ]
        page = urllib.request.urlopen(show.told("tracking page"), timeout=20)  # noqa: S310
        with page:
            shown = page.read().decode()
        assert RETAILER_NAME in shown
        assert f"mailto:{RETAILER_CONTACT}" in shown
        assert_done_when_it_was_done(show)
        # What is left to the visitor stays as it is, while others come and are worked on.
        left = f"/v1/fulfillment-orders?location={STORE}&state=open"
        assert len(show.read(left)["items"]) >= 4
        wait_for(lambda: len(show.read("/v1/orders?limit=200")["items"]) > 20 + 9 + 30)
        orders = show.read("/v1/orders?limit=200")["items"]
        placed = [order["placed_at"] for order in orders]
        assert placed == sorted(placed, reverse=True)
        references = [order["reference"] for order in orders]
        assert len(set(references)) == len(references)
        assert len(show.read(left)["items"]) >= 4
        second = subprocess.run(
            command("--exit"),
            env=environment(folder),
            capture_output=True,
            text=True,
            check=False,
        )
        assert (second.returncode, second.stdout) == (WRONG_USE, "")
        assert second.stderr == (
            f"unisono: The data directory {folder / 'demo'} is in use by another unisono "
            f"(demo at {show.address}).\n"
        )
        show.process.send_signal(signal.SIGINT)
        assert "Traceback" not in show.end()


def assert_done_when_it_was_done(show: Show) -> None:
    """What left over the last days was prepared before, and after it was ordered."""
    shipped = show.read("/v1/fulfillment-orders?state=shipped&limit=200")["items"]
    for work in shipped:
        told = show.read(f"/v1/orders/{work['order_id']}/history")["items"]
        n = int(work["id"].rpartition(".")[2])
        types = [
            each["type"]
            for each in told
            if each["type"] == "order.created" or each["fulfillment_order"] == n
        ]
        assert types[:6] == [
            "order.created",
            "fulfillment_order.created",
            "fulfillment_order.accepted",
            "fulfillment_order.picked",
            "fulfillment_order.packed",
            "shipment.shipped",
        ]
        moments = [datetime.fromisoformat(each["at"]) for each in told]
        assert moments == sorted(moments)
    assert shipped


def test_a_port_that_is_taken_is_told_with_what_to_do(folder: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        refused = subprocess.run(
            command("--port", str(port)),
            env=environment(folder),
            capture_output=True,
            text=True,
            check=False,
        )
    assert (refused.returncode, refused.stdout) == (WRONG_USE, "")
    assert refused.stderr == (
        f"unisono: port {port} of 127.0.0.1 cannot be served on: another program uses it; "
        "name another with --port, or none and any that is free is taken\n"
    )


def test_ctrl_c_pressed_twice_ends_a_demo_while_a_request_is_open(
    folder: Path, record_property: Callable[[str, object], None]
) -> None:
    with going_on(folder, "--pace", "0") as show:
        host, _, port = show.address.removeprefix("http://").partition(":")
        with closing(socket.create_connection((host, int(port)))) as half:
            half.sendall(HALF_A_REQUEST)
            assert get(f"{show.address}/health/live", show.key)[0] == 200
            began = time.monotonic()
            show.process.send_signal(signal.SIGINT)
            time.sleep(0.2)
            show.process.send_signal(signal.SIGINT)
            rest = show.end()
            record_property("seconds", time.monotonic() - began)
        assert "Traceback" not in rest
        # Its data directory is free at once.
        assert embedded.attach(folder / "demo") is None


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


@pytest.mark.parametrize(
    "arguments", [("--orders", "0"), ("--seed", "-1"), ("--port", "70000"), ("--pace", "-1")]
)
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

"""Progress: a line that is written again on a terminal, a line now and then elsewhere."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from unisono.demo import progress
from unisono.demo.progress import Figures

FIGURES = Figures(seconds=3725.9, captured=412, refused=3, open_work=96, on_the_way=143)
LINE = "01:02:05  412 orders, 3 refused; 96 pieces of work are open, 143 parcels on their way"


def test_the_live_show_is_told_once_a_minute_where_there_is_no_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with progress.status(Console(width=20)) as show:
        for seconds in (59.0, 60.0, 119.0, 120.0):
            show(replace(FIGURES, seconds=seconds))
    assert [line[:8] for line in capsys.readouterr().out.splitlines()] == ["00:01:00", "00:02:00"]


def test_on_a_terminal_the_line_is_taken_away_in_the_end() -> None:
    terminal = io.StringIO()
    console = Console(file=terminal, force_terminal=True, width=120)
    with progress.status(console) as show:
        console.print("the screenful")
        show(FIGURES)
    told = terminal.getvalue()
    assert LINE in told
    # The cursor goes to the beginning of the line and the line is erased.
    assert told.rstrip("\n").endswith("\x1b[2K")

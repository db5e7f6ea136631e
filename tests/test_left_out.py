"""Before the tests run, it is said how long they take and which of them are skipped, and why."""

import runpy
import sys

import pytest

from tests.left_out import NEEDS, USUAL, Need, lines


def test_what_is_left_out_is_said_with_what_would_bring_it() -> None:
    needs = (Need(True, "these", "one"), Need(False, "those in a browser", "a browser"))
    assert list(lines(needs, None)) == [
        f"The tests take {USUAL}; `scripts/test tests/clients` takes those of one part.",
        "  Left out: those in a browser. It needs a browser.",
        "  `scripts/test-all` installs what it can, and runs them all.",
    ]


@pytest.mark.parametrize(("seconds", "said"), [(20.0, "1 min"), (760.0, "13 min")])
def test_how_long_they_took_the_last_time_is_said(seconds: float, said: str) -> None:
    assert list(lines([Need(True, "these", "one")], seconds)) == [
        f"The tests took {said} the last time here; `scripts/test tests/clients` takes those of one part."
    ]


def test_each_need_says_what_brings_it() -> None:
    assert all(need.tests and need.brings for need in NEEDS)


def test_it_says_so_without_an_argument_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["left_out"])
    runpy.run_path("tests/left_out.py", run_name="__main__")
    assert capsys.readouterr().out.splitlines() == list(lines(NEEDS, None))

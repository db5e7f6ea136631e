"""How fast a run sends, and how long an answer asks it to wait."""

import pytest

from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.fuzzing import pace
from sleeptalk_contract.fuzzing.control import Control
from sleeptalk_contract.fuzzing.pace import Pace, asked_pause, read_rate

NOW = 784111777.0
"""Sun, 06 Nov 1994 08:49:37 GMT"""


class Clock:
    """A clock that only pauses move."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        monkeypatch.setattr(pace.time, "monotonic", lambda: self.now)
        monkeypatch.setattr(Control, "pause", lambda _control, seconds: self.turn(seconds))

    def turn(self, seconds: float) -> bool:
        self.now += seconds
        return True


@pytest.mark.parametrize(("text", "rate"), [("auto", None), ("6/s", 6.0), ("90/m", 1.5), ("0.5/s", 0.5)])
def test_a_rate_is_read_in_requests_per_second(text: str, rate: float | None) -> None:
    assert read_rate(text) == rate


@pytest.mark.parametrize("text", ["", "6", "0/s", "-1/s", "6/h", "6 /s", "nan/s", "1e3/s", "automatic"])
def test_what_is_not_a_rate_is_named(text: str) -> None:
    with pytest.raises(UsageError, match="--rate-limit"):
        read_rate(text)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "120"}, 120.0),
        ({"retry-after": "Sun, 06 Nov 1994 08:50:37 GMT"}, 60.0),
        ({"retry-after": "Sunday, 06-Nov-94 08:50:37 GMT"}, 60.0),
        ({"retry-after": "Sun Nov  6 08:50:37 1994"}, 60.0),
        ({"retry-after": "Sun, 06 Nov 1994 08:40:37 GMT"}, 0.0),
        ({"retry-after": "Sun, 06 Nov 1994 08:50:37 GMT", "date": "Sun, 06 Nov 1994 08:50:27 GMT"}, 10.0),
        ({"retry-after": "3", "x-ratelimit-reset": "40"}, 3.0),
        ({"retry-after": "soon", "x-ratelimit-reset": "40"}, 40.0),
        ({"x-ratelimit-reset": "7"}, 7.0),
        ({"x-ratelimit-reset": "0"}, 0.0),
        ({"ratelimit-reset": "8"}, 8.0),
        ({"x-ratelimit-reset": "784111787"}, 784111787.0),
        ({"x-ratelimit-reset": "later"}, None),
        ({}, None),
    ],
)
def test_a_pause_is_read_from_an_answer_in_each_of_its_forms(headers: dict[str, str], seconds: float | None) -> None:
    assert asked_pause(headers, NOW) == seconds


@pytest.mark.parametrize("reset", ["1764130010", "1764130010000", "1764130010.0"])
def test_a_reset_may_be_a_moment(reset: str) -> None:
    assert asked_pause({"x-ratelimit-reset": reset}, 1764130000.0) == pytest.approx(10.0)


def test_a_rate_spaces_requests_evenly(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    paced = Pace(Control(), 4.0)
    turns = []
    for _ in range(4):
        assert paced.wait()
        turns.append(clock.now)
    assert turns == pytest.approx([1000.0, 1000.25, 1000.5, 1000.75])


def test_without_a_rate_nothing_waits_but_for_a_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    paced = Pace(Control())
    assert paced.wait()
    assert paced.wait()
    assert clock.now == 1000.0
    paced.hold(3.0)
    paced.hold(2.0)  # of another worker, which was refused at the same time
    assert paced.is_held
    assert paced.wait()
    assert (clock.now, paced.held) == (1003.0, 3.0)
    assert not paced.is_held


def turns(paced: Pace, clock: Clock, count: int) -> list[float]:
    """Wait for some turns, and return the seconds between them."""
    found = []
    for _ in range(count):
        before = clock.now
        assert paced.wait()
        found.append(clock.now - before)
    return found[1:]


def test_a_run_slows_down_while_it_is_refused_and_speeds_up_while_it_is_answered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = Clock(monkeypatch)
    paced = Pace(Control())
    assert turns(paced, clock, 3) == [0.0, 0.0]
    for _ in range(4):
        paced.slow_down()
    assert turns(paced, clock, 3) == pytest.approx([0.05 * 1.5**3] * 2)
    for _ in range(20):
        paced.slow_down()
    held = paced.held
    assert turns(paced, clock, 2) == [2.0]
    assert paced.held >= held + 2.0
    for _ in range(300):
        paced.speed_up()
    assert turns(paced, clock, 3) == [0.0, 0.0]


def test_a_run_never_sends_faster_than_its_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    paced = Pace(Control(), 2.0)
    paced.slow_down()
    for _ in range(100):
        paced.speed_up()
    assert turns(paced, clock, 3) == pytest.approx([0.5, 0.5])


def test_a_run_that_is_stopped_sends_no_more() -> None:
    control = Control()
    control.event.set()
    assert not Pace(control).wait()

"""Waiting for an event in the thread that handles signals."""

import threading

from sleeptalk_contract.contract.waiting import wait_for


class Slices(threading.Event):
    """An event that nobody sets but itself, at the third look; it keeps how long each look may take."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float | None] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.seconds.append(timeout)
        if len(self.seconds) == 3:
            self.set()
        return self.is_set()


def test_it_never_sleeps_for_long_so_that_a_signal_is_handled_that_came_just_before() -> None:
    event = Slices()
    assert wait_for(event)
    assert event.seconds == [0.5] * 3


def test_it_ends_when_its_seconds_are_over() -> None:
    assert not wait_for(threading.Event(), 0.01)


def test_it_says_that_the_event_was_set_before() -> None:
    event = threading.Event()
    event.set()
    assert wait_for(event, 0)

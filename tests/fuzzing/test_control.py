"""When a run is ended because of the server."""

from sleeptalk_contract.fuzzing.control import MOST_SLOW, MOST_UNANSWERED, SLOW_SECONDS, Control, StopReason


def test_a_server_that_never_answers_ends_the_run_soon() -> None:
    control = Control()
    for _ in range(MOST_UNANSWERED):
        assert not control.stopped
        control.note(answered=False, hung_up=True, seconds=0.1)
    assert control.reason is StopReason.SERVER_GONE


def test_a_server_that_answered_and_hangs_up_on_some_requests_does_not_end_the_run() -> None:
    control = Control()
    control.note(answered=True, hung_up=False, seconds=0.1)
    for _ in range(100):
        control.note(answered=False, hung_up=True, seconds=0.1)
    assert not control.stopped


def test_a_server_that_falls_silent_ends_the_run() -> None:
    control = Control()
    control.note(answered=True, hung_up=False, seconds=0.1)
    for _ in range(MOST_UNANSWERED):
        control.note(answered=False, hung_up=False, seconds=10)
    assert control.reason is StopReason.SERVER_GONE


def test_a_server_that_is_slow_again_and_again_ends_the_run_before_it_takes_hours() -> None:
    control = Control()
    for _ in range(MOST_SLOW):
        assert not control.stopped
        control.note(answered=True, hung_up=False, seconds=SLOW_SECONDS + 0.5)
        control.note(answered=True, hung_up=False, seconds=0.01)
    assert control.reason is StopReason.SERVER_SLOW

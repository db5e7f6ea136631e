"""When waiting for a session ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sleeptalk.errors import SessionTimeout
from sleeptalk.transport.watch import Watch
from sleeptalk_generated.asleep.models import SessionState

if TYPE_CHECKING:
    from sleeptalk.asleep.night import Night
    from sleeptalk.transport.operation import Operation


def session_watch(operation: Operation[Night], session_id: str, *, timeout: float, poll: float) -> Watch[Night]:
    """Watch a session until it is COMPLETE."""

    def finished(night: Night) -> bool:
        return night.session.state == SessionState.COMPLETE

    def timed_out(last: Night | None) -> SessionTimeout:
        state = None if last is None else last.session.state.value
        seen = "was never seen" if state is None else f"is still {state}"
        message = f"The session {session_id} {seen} after {timeout:g} s: wait for it again with the same id."
        error = SessionTimeout(message, timeout=timeout, session_id=session_id, state=state)
        error.response = None if last is None else last.response
        return error

    return Watch(operation, timeout=timeout, poll=poll, finished=finished, timed_out=timed_out)

"""When waiting for a session ends."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sleeptalk.errors import SessionTimeout
from sleeptalk.transport.watch import Watch
from sleeptalk_generated.asleep.models import SessionState

if TYPE_CHECKING:
    from sleeptalk.asleep.night import Night
    from sleeptalk.transport.operation import Operation


def session_watch(operation: Operation[Night], session_id: str, *, timeout: float, poll: float) -> Watch[Night]:
    """Watch a session until it is COMPLETE."""
    return Watch(
        operation,
        f"The session {session_id}",
        timeout=timeout,
        poll=poll,
        state=lambda night: night.session.state,
        final=(SessionState.COMPLETE,),
        timed_out=partial(SessionTimeout, session_id=session_id),
    )

"""What a run remembers of users and sessions: what was listed, made and deleted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from sleeptalk_contract.judging.case import Recent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sleeptalk_contract.contract.exchange import Exchange

FOLLOWED: Final = "followed"
"""The intent of requests that are sent one after the other, so that what changes in between has an order."""

_STATES: Final = ("OPEN", "CLOSED", "COMPLETE")


@dataclass(slots=True)
class Memory:
    """What has been seen so far, by id.

    `listed` is what a list said last of a session, by the user and the session; `states` is how far a session has come
    that is followed. `made` is the metadata that a user was made with. `wholes` are the ids of a list that was read in
    one page before it is read in several, which are `pages`, each by the order.
    """

    listed: Recent[tuple[str, str], Mapping[str, Any]] = field(default_factory=Recent)
    states: Recent[tuple[str, str], str] = field(default_factory=Recent)
    deleted_sessions: set[tuple[str, str]] = field(default_factory=set)
    made: Recent[str, Any] = field(default_factory=Recent)
    deleted_users: set[str] = field(default_factory=set)
    wholes: dict[str, list[str]] = field(default_factory=dict)
    pages: dict[str, list[str]] = field(default_factory=dict)

    def listed_of(self, user: str) -> set[tuple[str, str]]:
        """Return the sessions that were listed for a user."""
        return {each for each in self.listed if each[0] == user}

    def went_back(self, exchange: Exchange, session: str, state: object) -> str | None:
        """Note the state of a session that is followed, and return the later one that it has had; None without one.

        Raises LookupError where the session is not followed, or was not seen before.
        """
        if exchange.intent != FOLLOWED or state not in _STATES:
            raise LookupError("nobody follows it")
        key, now = (user_of(exchange), session), str(state)
        before = self.states.get(key)
        self.states[key] = max(filter(None, (before, now)), key=_STATES.index)
        if before is None:
            raise LookupError("it was not seen before")
        return before if _STATES.index(now) < _STATES.index(before) else None


def user_of(exchange: Exchange) -> str:
    """Return whose sessions a request is about, "" where it does not say."""
    return exchange.request_headers.get("x-user-id", "")

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
class SeenSession:
    """What a list said last of a session, None where none has named it, and whether it was deleted."""

    listed: Mapping[str, Any] | None = None
    deleted: bool = False


@dataclass(slots=True)
class SeenUser:
    """Whether a user was made, and with which metadata, and whether the user was deleted."""

    made: bool = False
    metadata: Any = None
    deleted: bool = False


@dataclass(slots=True)
class Memory:
    """What has been seen so far, by id. What is known of one id is forgotten together.

    `sessions` are by the user and the session, `users` by the user; `states` is how far a session has come that is
    followed, `deleters` are users with a session that was deleted. `wholes` are the ids of a list that was read in
    one page before it is read in several, which are `pages`, each by the order.
    """

    sessions: Recent[tuple[str, str], SeenSession] = field(default_factory=Recent)
    users: Recent[str, SeenUser] = field(default_factory=Recent)
    states: Recent[tuple[str, str], str] = field(default_factory=Recent)
    deleters: Recent[str, None] = field(default_factory=Recent)
    wholes: dict[str, list[str]] = field(default_factory=dict)
    pages: dict[str, list[str]] = field(default_factory=dict)

    def session(self, user: str, session: str) -> SeenSession:
        """Return what is known of a session, to be changed."""
        return self.sessions.setdefault((user, session), SeenSession())

    def deleted(self, user: str, session: str) -> None:
        """Note that a session has been deleted."""
        self.session(user, session).deleted = True
        self.deleters[user] = None

    def user(self, user: str) -> SeenUser:
        """Return what is known of a user, to be changed."""
        return self.users.setdefault(user, SeenUser())

    def all_deleted(self, user: str) -> None:
        """Note that each session that was listed for a user has been deleted."""
        for session in [each for owner, each in self.sessions if owner == user]:
            self.deleted(user, session)

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

"""What the sandbox of data v3 keeps: users and their nights, which requests change."""

from __future__ import annotations

import secrets
import string
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from sleeptalk_contract.services.asleep_v3.sandbox.nights import FINISHING, SCENARIOS, Night, as_state, nights_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_LETTERS: Final = string.ascii_letters + string.digits
_ENDINGS: Final = string.ascii_lowercase + string.digits
_STEPS: Final = ("OPEN", "CLOSED", "COMPLETE")


_FIRST_NIGHTS: Final = ("four-stages", "two-stages")
"""What a new user has: nothing that is documented records a session, and one is needed to see it deleted."""


GUESTS: Final = ("G-20240101000000-SandboxGuestSleeptal", "G-20240102000000-SandboxLeaverSleepta")
"""Users who are there to be deleted: the sessions of the first, and the second."""


def _first_nights(user_id: str) -> Iterator[Night]:
    for name in _FIRST_NIGHTS:
        night = SCENARIOS[name]
        ending = "guest" if user_id in GUESTS else "".join(secrets.choice(_ENDINGS) for _ in range(5))
        session_id = f"{night.session_id[:14]}_{ending}"
        yield replace(night, recorded=replace(night.recorded, user_id=user_id, session_id=session_id))


@dataclass(slots=True)
class User:
    """A user: what is known of the person, None where nothing is, and the nights by id."""

    user_id: str
    metadata: Mapping[str, Any] | None = None
    nights: dict[str, Night] = field(default_factory=dict)


class Store:
    """Users and nights of one sandbox. Several threads may ask at once; each method is one step."""

    def __init__(self, user_id: str) -> None:
        self._lock = Lock()
        self._reads: Counter[str] = Counter()
        first = User(user_id, None, {night.session_id: night for night in nights_of(user_id)})
        guests = (User(each, None, {night.session_id: night for night in _first_nights(each)}) for each in GUESTS)
        self._users = {user_id: first} | {guest.user_id: guest for guest in guests}
        self._before: dict[str, User] | None = None

    def create(self, metadata: Mapping[str, Any] | None) -> str:
        """Make a user and return the id: `G-`, 14 digits, `-` and 20 letters or digits, as Asleep writes them."""
        ending = "".join(secrets.choice(_LETTERS) for _ in range(20))
        user_id = f"G-{datetime.now(UTC):%Y%m%d%H%M%S}-{ending}"
        nights = {night.session_id: night for night in _first_nights(user_id)}
        with self._lock:
            self._users[user_id] = User(user_id, metadata, nights)
        return user_id

    def user(self, user_id: str) -> User | None:
        """Return a user; None where there is no such one."""
        with self._lock:
            return self._users.get(user_id)

    def nights(self, user_id: str) -> tuple[Night, ...]:
        """Return the nights of a user as they are now, the earliest first; none for an unknown user."""
        with self._lock:
            user = self._users.get(user_id)
            found = () if user is None else tuple(map(self._as_it_is, user.nights.values()))
        return tuple(sorted(found, key=lambda night: (night.recorded.start, night.session_id)))

    def read(self, user_id: str, session_id: str) -> Night | None:
        """Return a night of a user as it is now; None where there is no such one. One that is finishing moves on."""
        with self._lock:
            user = self._users.get(user_id)
            night = None if user is None else user.nights.get(session_id)
            if night is None:
                return None
            found = self._as_it_is(night)
            self._reads[session_id] += 1
            return found

    def owner(self, session_id: str) -> str | None:
        """Return the id of the user who has a night; None where nobody has; faults use it."""
        with self._lock:
            return next((each.user_id for each in self._users.values() if session_id in each.nights), None)

    def delete_user(self, user_id: str) -> bool:
        """Delete a user with all nights, and return whether there was such a one."""
        with self._lock:
            self._remember()
            return self._users.pop(user_id, None) is not None

    def delete_night(self, user_id: str, session_id: str) -> bool:
        """Delete a night of a user, and return whether there was such a one."""
        with self._lock:
            self._remember()
            user = self._users.get(user_id)
            return user is not None and user.nights.pop(session_id, None) is not None

    def delete_nights(self, user_id: str) -> bool:
        """Delete all nights of a user, and return whether there is such a user."""
        with self._lock:
            self._remember()
            user = self._users.get(user_id)
            if user is not None:
                user.nights.clear()
            return user is not None

    def undo(self) -> None:
        """Bring back what the last delete has deleted; faults use it."""
        with self._lock:
            if self._before is not None:
                self._users, self._before = self._before, None

    def _remember(self) -> None:
        self._before = {each: replace(user, nights=dict(user.nights)) for each, user in self._users.items()}

    def _as_it_is(self, night: Night) -> Night:
        if night.session_id != FINISHING.session_id:
            return night
        return as_state(night, _STEPS[min(self._reads[night.session_id], len(_STEPS) - 1)])

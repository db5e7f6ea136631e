"""Requests that follow from answers: listed sessions are read, and users are made, read, emptied and deleted.

Nothing that is documented records a session: sessions are deleted of users who have some as soon as they are made, as
those of the sandbox do.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from sleeptalk_contract.contract.exchange import text_in
from sleeptalk_contract.fuzzing.probe import Probe, with_spoiled_keys, without
from sleeptalk_contract.services.asleep.probes.session import UNKNOWN_IDS
from sleeptalk_contract.services.asleep_v3.rules.averages import UNKNOWN_USER
from sleeptalk_contract.services.asleep_v3.rules.memory import FOLLOWED
from sleeptalk_contract.services.asleep_v3.rules.users import UNKNOWN_SESSION

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sleeptalk_contract.contract.exchange import Exchange
    from sleeptalk_contract.fuzzing.probe import Conversation

NOBODY: Final = "G-19990101000000-zzzzzzzzzzzzzzzzzzzz"
"""A user whom nobody has made: the last user id that is written so, of a time before there were any."""

_JSON: Final = {"content-type": "application/json"}
_METADATA: Final = {"birth_year": 1990, "gender": "prefer_not_to_say", "height": 170.5, "weight": 65.2}
_MOST: Final = "100"
_MOST_READ: Final = 3
_MOST_READS: Final = 5


def listed_and_read(headers: Mapping[str, str]) -> Conversation:
    """List sessions, read some that are listed, those that are not COMPLETE several times, and list them again."""
    listing = Probe(FOLLOWED, "listSessions", query={"limit": _MOST}, headers=headers)
    found = _listed((yield listing))
    moving = [session_id for session_id, state in found.items() if state != "COMPLETE"]
    complete = [session_id for session_id, state in found.items() if state == "COMPLETE"]
    for session_id in (*moving[:_MOST_READ], *complete[:_MOST_READ]):
        for _ in range(_MOST_READS if session_id in moving else 1):
            yield _session(session_id, headers, FOLLOWED)
    if found:
        yield listing


def one_user(key: Mapping[str, str]) -> Conversation:
    """Make two users, read one, delete the sessions of that one and then the user, and look for each again."""
    making = Probe("make-user", "createUser", headers={**key, **_JSON}, body=_encoded({"metadata": _METADATA}))
    yield from _with_wrong_keys(making)
    user = _made((yield making))
    yield replace(making, headers=key, body=None)
    if user is None:
        return
    its = {**key, "x-user-id": user}
    reading = Probe("made-user", "getUser", {"user_id": user}, headers=key)
    yield reading
    yield from _deleted_sessions(its)
    deleting = replace(reading, intent="delete-user", operation="deleteUser")
    yield from _with_wrong_keys(deleting)
    if (yield deleting) is not None:
        yield replace(reading, intent="deleted-user")
    for operation in ("getUser", "deleteUser"):
        yield Probe(UNKNOWN_USER, operation, {"user_id": NOBODY}, headers=key)


def _deleted_sessions(its: Mapping[str, str]) -> Conversation:
    """Delete one session of a user, if there is one, and then all of them."""
    listing = Probe("made-user", "listSessions", query={"limit": _MOST}, headers=its)
    unknown = Probe(UNKNOWN_SESSION, "deleteSession", {"session_id": UNKNOWN_IDS[0]}, headers=its)
    sessions = list(_listed((yield listing)))
    for session_id in sessions[:1]:
        yield _session(session_id, its, "made-user")
        deleting = replace(unknown, intent="delete-session", path_parameters={"session_id": session_id})
        yield from _refused(deleting)
        if (yield deleting) is not None:
            yield _session(session_id, its, "deleted-session")
            yield listing
            yield replace(deleting, intent=UNKNOWN_SESSION)
    yield from _refused(unknown)
    yield unknown
    emptying = Probe("delete-sessions", "deleteSessions", headers=its)
    yield from _with_wrong_keys(emptying)
    if (yield emptying) is not None:
        yield listing
        for session_id in sessions[1:2]:
            yield _session(session_id, its, "deleted-session")


def _refused(deleting: Probe) -> Iterator[Probe]:
    """Yield a delete without a user and with wrong keys; that of all sessions is never sent without a user."""
    yield replace(deleting, intent="missing-user-id", headers=without(deleting.headers, "x-user-id"))
    yield from _with_wrong_keys(deleting)


def _with_wrong_keys(probe: Probe) -> Iterator[Probe]:
    if "x-api-key" in probe.headers:
        yield from with_spoiled_keys(probe, "x-api-key", probe.headers["x-api-key"])


def _session(session_id: str, headers: Mapping[str, str], intent: str) -> Probe:
    return Probe(intent, "getSession", {"session_id": session_id}, headers=headers)


def _made(exchange: Exchange | None) -> str | None:
    return None if exchange is None or not exchange.successful else text_in(exchange.response_json, "result", "user_id")


def _listed(exchange: Exchange | None) -> dict[str, str | None]:
    """Return the states of the sessions that are listed, by id; none where nothing is."""
    body = exchange.response_json if exchange is not None and exchange.successful else None
    result = body.get("result") if isinstance(body, dict) else None
    listed = result.get("sleep_session_list") if isinstance(result, dict) else None
    found = {
        text_in(each, "session_id"): text_in(each, "state") for each in (listed if isinstance(listed, list) else ())
    }
    return {session_id: state for session_id, state in found.items() if session_id}


def _encoded(value: Any) -> bytes:
    return json.dumps(value).encode()

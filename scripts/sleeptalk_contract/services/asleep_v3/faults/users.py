"""Faults of users, and of deletes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sleeptalk_contract.contract.service import Fault
from sleeptalk_contract.sandbox.faults import answered, in_body, setting, when, with_status, without
from sleeptalk_contract.services.asleep_v3.faults.places import about, limited
from sleeptalk_contract.services.asleep_v3.faults.requests import common_faults
from sleeptalk_contract.services.asleep_v3.sandbox.application import AsleepV3Provider

if TYPE_CHECKING:
    from sleeptalk_contract.sandbox.answers import Answer, Request
    from sleeptalk_contract.sandbox.faults import Apply, Change

_CREATED: Final = 201
_NO_CONTENT: Final = 204


def _result(change: Change) -> Apply:
    return in_body(lambda body: change(body["result"]))


def _last(change: Change) -> Apply:
    """Change the last session of each user who has one."""
    return _result(lambda found: change(found["last_session_info"]) if found["last_session_info"] else None)


def _as_open(**values: Any) -> Change:
    return lambda last: last.update(values) if last["state"] == "OPEN" else None


_OF_GET: Final = (
    Fault("users.shape", "id-missing", "leaves user_id out", _result(without("user_id"))),
    Fault("users.shape", "flag-as-text", "writes to_be_deleted as a text", _result(setting(to_be_deleted="false"))),
    Fault("users.state-values", "new", "calls the last session RECORDING", _last(setting(state="RECORDING"))),
    Fault(
        "users.timestamp-format",
        "space",
        "puts a space between date and time",
        _last(lambda last: last.update(start_time=last["start_time"].replace("T", " "))),
    ),
    Fault(
        "users.end-time-null-while-open",
        "set",
        "ends an OPEN session",
        _last(lambda last: _as_open(end_time=last["start_time"])(last)),
    ),
    Fault(
        "users.complete-time-null-unless-complete",
        "set",
        "has completed an OPEN session",
        _last(lambda last: _as_open(complete_time=last["start_time"])(last)),
    ),
    Fault("users.id-echoed", "other", "answers another user", _result(setting(user_id="G-20240101000000-other"))),
    Fault("users.unknown-user-404", "status", "answers 400 to an unknown user", when(answered(404), with_status(400))),
)


def _without_what_was_done(request: Request, answer: Answer) -> Answer:
    """Answer as if a delete had been done, and keep what was deleted."""
    store = request.implementation.store if isinstance(request.implementation, AsleepV3Provider) else None
    if store is not None and answer.status == _NO_CONTENT:
        store.undo()
    return answer


def _by_id_alone(request: Request, answer: Answer) -> Answer:
    """Delete a session of its owner where the user is missing."""
    store = request.implementation.store if isinstance(request.implementation, AsleepV3Provider) else None
    owner = None if store is None else store.owner(request.identifier)
    if owner is None or request.headers.get("x-user-id"):
        return answer
    return request.with_header("x-user-id", owner).honest_answer()


def _same_user(request: Request, answer: Answer) -> Answer:
    """Give every user who is made the id of the one whom the key has."""
    if answer.status == _CREATED:
        answer.body["result"]["user_id"] = request.implementation.credentials["x-user-id"]
    return answer


def _made_up(_request: Request, answer: Answer) -> Answer:
    """Return an id that nobody has."""
    if answer.status == _CREATED:
        made = answer.body["result"]["user_id"]
        answer.body["result"]["user_id"] = f"{made[:-1]}{'a' if made[-1] != 'a' else 'b'}"
    return answer


def _taller(found: dict[str, Any]) -> None:
    metadata = found.get("metadata")
    if metadata and metadata.get("height"):
        metadata["height"] += 1


_OF_WRITES: Final = (
    limited(Fault("users.created-is-read", "made-up", "returns an id that nobody has", _made_up), about("createUser")),
    limited(Fault("users.created-is-read", "metadata", "keeps another height", _result(_taller)), about("getUser")),
    limited(Fault("users.ids-differ", "same", "gives every user the same id", _same_user), about("createUser")),
    limited(
        Fault("users.deleted-is-gone", "kept", "keeps a user who was deleted", _without_what_was_done),
        about("deleteUser"),
    ),
    limited(
        Fault("session.deleted-404", "kept", "keeps a session that was deleted", _without_what_was_done),
        about("deleteSession"),
    ),
    limited(
        Fault("sessions.deleted-not-listed", "kept", "lists a session that was deleted", _without_what_was_done),
        about("deleteSession"),
    ),
    limited(
        Fault(
            "deletes.answers-204",
            "200",
            "answers a delete with 200 and a body",
            when(answered(204), with_status(200, {"detail": "success"})),
        ),
        about("deleteSession", "deleteSessions"),
    ),
    limited(
        Fault(
            "deletes.unknown-session-404",
            "204",
            "answers the delete of an unknown session with 204",
            when(answered(404), with_status(204, b"")),
        ),
        about("deleteSession"),
    ),
    limited(
        Fault("deletes.user-id-required", "by-id-alone", "deletes a session without a user id", _by_id_alone),
        about("deleteSession"),
    ),
    *common_faults("deletes", about("deleteSession", "deleteSessions"), has_user=False),
)

FAULTS: Final = (
    *_OF_WRITES,
    *(limited(fault, about("getUser")) for fault in _OF_GET),
    *common_faults("users", about("getUser"), has_user=False),
)

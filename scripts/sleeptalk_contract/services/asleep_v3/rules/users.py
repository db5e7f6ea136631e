"""The rules about users, and about deletes. Source: Create User, Get User, Delete User, Delete Session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sleeptalk_contract.contract.exchange import text_in
from sleeptalk_contract.judging.case import Checks, number
from sleeptalk_contract.services.asleep_v3.rules.averages import UNKNOWN_USER
from sleeptalk_contract.services.asleep_v3.rules.memory import Memory, user_of
from sleeptalk_contract.services.asleep_v3.rules.requests import checks_of, is_authorised, is_judged, result

if TYPE_CHECKING:
    from sleeptalk_contract.judging.case import Breaches, Case

CHECKS: Final = Checks()
CHECKS.update(checks_of("users", has_user=False))

DELETES: Final = Checks()
"""Those about deletes of sessions."""
DELETES.update(checks_of("deletes", has_user=True))

UNKNOWN_SESSION: Final = "unknown-session"
"""The intent of the delete of a session that does not exist."""

_NO_CONTENT: Final = 204
_NOT_FOUND: Final = 404
_REFUSALS_OF_A_USER: Final = frozenset({401, 404})


@CHECKS.rule("users.id-echoed")
def id_echoed(case: Case) -> Breaches:
    """The user who is answered is the one who was asked for."""
    if case.operation.id != "getUser":
        return None
    answered = text_in(case.success_body, "result", "user_id")
    if answered is None:
        return None
    if answered == case.identifier:
        return []
    return [("/result/user_id", f"is {answered!r}, but {case.identifier!r} was requested")]


@CHECKS.rule("users.unknown-user-404")
def unknown_user_404(case: Case) -> Breaches:
    """An unknown user is answered 404, or 401."""
    if case.exchange.intent != UNKNOWN_USER or not is_judged(case) or not is_authorised(case):
        return None
    status = case.exchange.status
    return [] if status in _REFUSALS_OF_A_USER else [("status", f"is {status}, not 404")]


@CHECKS.rule("users.ids-differ")
def ids_differ(case: Case) -> Breaches:
    """Each user who is made has an id of its own."""
    made = text_in(case.success_body, "result", "user_id") if case.operation.id == "createUser" else None
    if made is None:
        return None
    user, sent = case.history.of(Memory).user(made), case.exchange.request_json
    is_repeated, user.made = user.made, True
    user.metadata = sent.get("metadata") if isinstance(sent, dict) else None
    return [("/result/user_id", f"is {made!r}, which a user has who was made before")] if is_repeated else []


@CHECKS.rule("users.created-is-read")
def created_is_read(case: Case) -> Breaches:
    """A user who was made is read, with the same metadata or none."""
    user = case.history.of(Memory).users.get(case.identifier)
    if case.operation.id != "getUser" or user is None or not user.made or user.deleted:
        return None
    if not is_judged(case) or not is_authorised(case):
        return None
    if not case.exchange.successful:
        return [("status", f"is {case.exchange.status}, although the user was made")]
    found, sent = result(case), user.metadata
    answered = found.get("metadata") if isinstance(found, dict) else None
    if not isinstance(answered, dict) or not isinstance(sent, dict):
        return []
    return [
        (f"/result/metadata/{name}", f"is {answered[name]!r}, but the user was made with {value!r}")
        for name, value in sent.items()
        if name in answered and not _is_same(answered[name], value)
    ]


def _is_same(answered: object, sent: object) -> bool:
    numbers = number(answered), number(sent)
    return answered == sent or (None not in numbers and float(numbers[0] or 0) == float(numbers[1] or 0))


@CHECKS.rule("users.deleted-is-gone")
def deleted_is_gone(case: Case) -> Breaches:
    """A user who was deleted is answered as an unknown one, or is to be deleted."""
    memory = case.history.of(Memory)
    if case.operation.id == "deleteUser" and case.exchange.status == _NO_CONTENT:
        memory.user(case.identifier).deleted = True
        return None
    user = memory.users.get(case.identifier)
    if case.operation.id != "getUser" or user is None or not user.deleted:
        return None
    if not is_judged(case) or not is_authorised(case):
        return None
    found = result(case)
    if isinstance(found, dict) and found.get("to_be_deleted") is True:
        return []
    status = case.exchange.status
    return [] if status in _REFUSALS_OF_A_USER else [("status", f"is {status}, although the user was deleted")]


@DELETES.rule("deletes.answers-204")
def answers_204(case: Case) -> Breaches:
    """A delete that was done is answered 204, without a body."""
    exchange = case.exchange
    if not is_judged(case) or not exchange.successful:
        return None
    memory, user = case.history.of(Memory), user_of(exchange)
    if case.operation.id == "deleteSession":
        memory.deleted(user, case.identifier)
    else:
        memory.all_deleted(user)
    if exchange.status != _NO_CONTENT:
        return [("status", f"is {exchange.status}, not 204")]
    return [("", "has a body")] if exchange.response_body else []


@DELETES.rule("deletes.unknown-session-404")
def unknown_session_404(case: Case) -> Breaches:
    """The delete of a session that is not there is answered 404."""
    is_unknown = case.exchange.intent == UNKNOWN_SESSION
    if case.operation.id != "deleteSession" or not is_unknown or not is_judged(case) or not is_authorised(case):
        return None
    status = case.exchange.status
    return [] if status == _NOT_FOUND else [("status", f"is {status}, not 404")]

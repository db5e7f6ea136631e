"""What an implementation of data v3 may do otherwise than the sandbox breaks no rule."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import pytest

from sleeptalk_contract.contract.exchange import Answer as ReceivedAnswer
from sleeptalk_contract.contract.exchange import Exchange
from sleeptalk_contract.contract.service import Fault
from sleeptalk_contract.judging.case import Recent
from sleeptalk_contract.judging.judge import Judge
from sleeptalk_contract.sandbox.answers import Answer
from sleeptalk_contract.services.asleep_v3.sandbox.application import AsleepV3Provider

from .conversation import KNOWLEDGE, TARGET, Conversation

if TYPE_CHECKING:
    from sleeptalk_contract.sandbox.answers import Request
    from sleeptalk_contract.services.asleep_v3.sandbox.store import Store

Variation = Callable[["Request", Answer], Answer]

OLDER_WORDS: Final = {
    "x-user-id is invalid": "invalid user id",
    "user does not exist": "user not exist",
    "Unauthorized": "api key is invalid",
}


TO_BE_DELETED: Final[set[str]] = set()


def store_of(request: Request) -> Store:
    assert isinstance(request.implementation, AsleepV3Provider)
    return request.implementation.store


def older_words(_request: Request, answer: Answer) -> Answer:
    """Say what the older pages print."""
    detail = answer.body.get("detail") if isinstance(answer.body, dict) and answer.status in {401, 404} else None
    if detail in OLDER_WORDS:
        answer.body = {"detail": OLDER_WORDS[detail]}
    return answer


def keys_forbidden(_request: Request, answer: Answer) -> Answer:
    """Refuse a key as a gateway does."""
    return Answer(403, body={"message": "Forbidden"}) if answer.body == {"detail": "Unauthorized"} else answer


def no_first_nights(request: Request, answer: Answer) -> Answer:
    """Give a new user no sessions, as the service does."""
    if answer.status == 201:
        store_of(request).delete_nights(answer.body["result"]["user_id"])
    return answer


def nothing_to_delete(request: Request, answer: Answer) -> Answer:
    """Find no sessions to delete of a user who has none."""
    no_first_nights(request, answer)
    return Answer(404, body={"detail": "session does not exist"}) if request.operation == "deleteSessions" else answer


def no_metadata(_request: Request, answer: Answer) -> Answer:
    """Leave the metadata out, as pages did before there were any."""
    if answer.status == 200:
        answer.body["result"].pop("metadata", None)
    return answer


def deleted_later(request: Request, answer: Answer) -> Answer:
    """Show a user who was deleted as one who is to be deleted."""
    if request.operation == "deleteUser" and answer.status == 204:
        store_of(request).undo()
        TO_BE_DELETED.add(request.identifier)
    elif request.identifier in TO_BE_DELETED and answer.status == 200:
        answer.body["result"]["to_be_deleted"] = True
    return answer


def malformed_users_401(request: Request, answer: Answer) -> Answer:
    """Take an unknown user id for a malformed one."""
    if request.operation in {"getUser", "deleteUser"} and answer.status == 404:
        return Answer(401, body={"detail": "user_id is invalid"})
    return answer


def numbers_with_a_point(_request: Request, answer: Answer) -> Answer:
    """Write a birth year as 1990.0."""
    metadata = answer.body["result"].get("metadata") if answer.status == 200 else None
    if metadata and "birth_year" in metadata:
        metadata["birth_year"] = float(metadata["birth_year"])
    return answer


def more_fields(_request: Request, answer: Answer) -> Answer:
    """Add what no page has, everywhere."""
    if answer.status in {200, 201} and isinstance(answer.body, dict):
        answer.body["result"]["added"] = answer.body["added"] = {"by": ["a", "later", "version"]}
    return answer


VARIATIONS: Final[tuple[Variation, ...]] = (
    older_words,
    keys_forbidden,
    no_first_nights,
    nothing_to_delete,
    no_metadata,
    deleted_later,
    malformed_users_401,
    numbers_with_a_point,
    more_fields,
)


@pytest.mark.parametrize("variation", VARIATIONS, ids=lambda variation: variation.__name__)
def test_what_may_be_done_otherwise_breaks_no_rule(variation: Variation) -> None:
    is_of_users = variation in {no_metadata, numbers_with_a_point}

    def apply(request: Request, answer: Answer) -> Answer:
        return variation(request, answer) if not is_of_users or request.operation == "getUser" else answer

    faults = [Fault(f"{TARGET.groups[0].name}.otherwise", variation.__name__, "does it otherwise", apply)]
    shown = Conversation(faults).run("listSessions", "getUser", "deleteSession")
    assert shown.broken == {}
    assert {"users.created-is-read", "sessions.shape", "deletes.api-key-required"} <= shown.exercised


def test_that_a_user_was_deleted_is_forgotten_no_sooner_than_that_the_user_was_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Recent, "most", 3)
    judge, broken = Judge(TARGET, KNOWLEDGE), set()

    def answer(operation: str, method: str, user: str, status: int, body: bytes = b"") -> None:
        headers = (("content-type", "application/json"),) if body else ()
        exchange = Exchange.sent(
            TARGET.operation(operation),
            "users",
            f"http://127.0.0.1/ai/v1/users/{user}",
            KNOWLEDGE.credentials.items(),
            None,
            ReceivedAnswer(status, headers, body, 0.01),
            method=method,
            path_parameters={"user_id": user},
        )
        broken.update(breach.rule for breach in judge.judge(exchange).breaches)

    answer("createUser", "POST", "", 201, b'{"detail": "success", "result": {"user_id": "first"}}')
    for user in ("first", "second", "third", "fourth"):
        answer("deleteUser", "DELETE", user, 204)
    answer("getUser", "GET", "first", 404, b'{"detail": "user does not exist"}')
    assert "users.created-is-read" not in broken

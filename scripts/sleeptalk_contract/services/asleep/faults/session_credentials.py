"""Faults of how Asleep looks at keys and users."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sleeptalk_contract.contract.service import Fault
from sleeptalk_contract.sandbox.faults import answered, trusting, when, with_status

if TYPE_CHECKING:
    from sleeptalk_contract.sandbox.answers import Answer, Request
    from sleeptalk_contract.sandbox.faults import Apply


def _lenient_key(accepts: Any) -> Apply:
    """Answer as if the right key had been sent where `accepts` takes the given one."""

    def apply(request: Request, answer: Answer) -> Answer:
        given = request.headers.get("x-api-key")
        if answer.status != 401 or not accepts(given, request.implementation.credentials["x-api-key"]):  # noqa: PLR2004  # 401 is 401
            return answer
        return trusting("x-api-key")(request, answer)

    return apply


def _without_user(_request: Request, answer: Answer) -> bool:
    """Pick the refusals of a missing user."""
    return answer.status == 422 and "x-user-id" in answer.body["detail"]  # noqa: PLR2004  # 422 is 422


def _any(given: str | None, _key: str) -> bool:
    return bool(given)


def _looked_up_first(request: Request, answer: Answer) -> Answer:
    """Answer that an id is unknown before the key is looked at."""
    looked_up = trusting("x-api-key")(request, answer)
    return looked_up if looked_up.status == 404 else answer  # noqa: PLR2004  # 404 is 404


def _key_from_query(name: str) -> Apply:
    """Take the key from the query where the header is missing."""

    def apply(request: Request, answer: Answer) -> Answer:
        found = request.query.get(name, ())
        if "x-api-key" in request.headers or not found:
            return answer
        return request.with_header("x-api-key", found[0]).honest_answer()

    return apply


FAULTS: Final = (
    Fault(
        "session.api-key-required",
        "missing",
        "accepts a missing key",
        _lenient_key(lambda given, _key: given is None),
    ),
    Fault(
        "session.api-key-required",
        "any",
        "accepts any key",
        _lenient_key(_any),
    ),
    Fault(
        "session.api-key-required",
        "prefix",
        "accepts every beginning of the right key",
        _lenient_key(lambda given, key: given and key.startswith(given)),
    ),
    Fault(
        "session.api-key-required",
        "capitals",
        "ignores case when it compares keys",
        _lenient_key(lambda given, key: given and given.lower() == key.lower()),
    ),
    Fault("session.api-key-required", "status", "answers 404 to a wrong key", when(answered(401), with_status(404))),
    Fault(
        "session.user-id-required",
        "accepted",
        "accepts a missing user id",
        when(_without_user, trusting("x-user-id")),
    ),
    Fault(
        "session.api-key-required",
        "prefixed",
        "accepts the right key with anything before it",
        _lenient_key(lambda given, key: given and given.endswith(key)),
    ),
    Fault(
        "session.api-key-required",
        "unknown-id",
        "looks for a session before it looks at the key",
        when(answered(401), _looked_up_first),
    ),
    Fault(
        "session.other-user-refused",
        "any",
        "serves a session to every user",
        when(answered(404), trusting("x-user-id")),
    ),
    Fault(
        "session.key-in-query-refused",
        "same-name",
        "takes x-api-key from the query where the header is missing",
        _key_from_query("x-api-key"),
    ),
    Fault(
        "session.key-in-query-refused",
        "api_key",
        "takes api_key from the query where the header is missing",
        _key_from_query("api_key"),
    ),
)

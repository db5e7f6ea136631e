"""The rules about every request that the groups of data v3 have in common. Source: the request part of each page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, urlsplit

from sleeptalk_contract.judging.case import Checks
from sleeptalk_contract.judging.http import KEY_REFUSALS, documented_status, no_server_error
from sleeptalk_contract.services.asleep_v3.rules.memory import Memory

if TYPE_CHECKING:
    from sleeptalk_contract.judging.case import Breaches, Case

_CLIENT_ERRORS: Final = range(400, 500)


def checks_of(group: str, *, has_user: bool) -> Checks:
    """Return the rules of a group about keys, users and statuses; `has_user` is whether `x-user-id` is required."""
    checks = Checks()
    checks[f"{group}.api-key-required"] = api_key_required
    checks[f"{group}.no-server-error"] = no_server_error
    checks[f"{group}.documented-status"] = documented_status
    if has_user:
        checks[f"{group}.user-id-required"] = user_id_required
    return checks


def api_key_required(case: Case) -> Breaches:
    """A missing or wrong x-api-key is never answered 2xx; 401 and 403 refuse it."""
    key, expected = case.exchange.request_headers.get("x-api-key"), case.knowledge.credentials.get("x-api-key")
    in_query = expected is not None and expected in values(case, None)
    is_right = key is not None and expected in {None, key}
    if not is_judged(case) or is_right or in_query:
        return None
    wrong = "a missing" if key is None else "a wrong"
    if case.exchange.successful:
        return [("status", f"is {case.exchange.status} with {wrong} x-api-key")]
    return [] if case.exchange.status in KEY_REFUSALS else None


def user_id_required(case: Case) -> Breaches:
    """A missing x-user-id is answered 4xx."""
    status = case.exchange.status
    if not is_judged(case) or status is None or "x-user-id" in case.exchange.request_headers:
        return None
    return [] if status in _CLIENT_ERRORS else [("status", f"is {status} without x-user-id, not 4xx")]


def is_judged(case: Case) -> bool:
    """Whether the contract decides the answer to this request: a sane one of its method that was answered."""
    return case.is_by_method and case.is_sane and case.exchange.status is not None and not case.is_throttled


def is_authorised(case: Case) -> bool:
    """Whether key and user are those that were given; any where none was given, unless they were refused.

    A user whom the run has made is as good as the one who was given.
    """
    given, sent = case.knowledge.credentials, dict(case.exchange.request_headers)
    user = case.history.of(Memory).users.get(sent.get("x-user-id", ""))
    if user is not None and user.made:
        del sent["x-user-id"]
    if not given.keys() >= {"x-api-key"} and case.exchange.status in KEY_REFUSALS:
        return False
    return all(given.get(name) in {None, sent.get(name)} for name in ("x-api-key", "x-user-id") if name in sent) and (
        "x-api-key" in sent
    )


def values(case: Case, name: str | None) -> list[str]:
    """Return the values of a parameter of the query, of every one where the name is None."""
    query = parse_qs(urlsplit(case.exchange.url).query, keep_blank_values=True)
    return [value for key, found in query.items() if name in {None, key} for value in found]


def result(case: Case) -> dict[str, Any] | None:
    """Return the `result` of a documented success; None without one that is an object."""
    body = case.success_body
    found = body.get("result") if isinstance(body, dict) else None
    return found if isinstance(found, dict) else None

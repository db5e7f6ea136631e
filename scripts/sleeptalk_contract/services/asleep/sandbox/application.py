"""The sandbox's Asleep: Get Single Session.

The bodies of 400, 404 and 422 are those of the page Get Single Session, word for word; those of 401, 405 and of a
missing user id are the sandbox's own, for the page prints none.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from starlette.applications import Starlette

from sleeptalk_contract.contract.document import document
from sleeptalk_contract.contract.service import Fault
from sleeptalk_contract.contract.time_zones import timezone_named
from sleeptalk_contract.sandbox.answers import JSON_HEADERS, Answer, Request, encode
from sleeptalk_contract.sandbox.web import application, same_header
from sleeptalk_contract.services.asleep.sandbox.nights import (
    DEFAULT_TIMEZONE,
    SANDBOX_API_KEY,
    SANDBOX_CREDENTIALS,
    SANDBOX_USER_ID,
    SandboxNight,
    scenarios_of,
)

SESSION_ID = re.compile(r"[0-9]{14}_[a-z0-9]{5}")


class AsleepProvider:
    """Answers for a few nights of one user, read with one key."""

    rule_groups = ("session",)

    def __init__(self, credentials: Mapping[str, str] = SANDBOX_CREDENTIALS) -> None:
        self.credentials = {**SANDBOX_CREDENTIALS, **credentials}
        nights = scenarios_of(self.credentials["x-user-id"])
        self.operations = (document("asleep").operation("getSession"),)
        self._nights = {night.session_id: night for night in nights.values()}

    def answer(self, request: Request) -> Answer:
        """Answer one request: method, key, user, id, timezone and the night itself are looked at in this order."""
        if request.method != "GET":
            return Answer(405, {**JSON_HEADERS, "allow": "GET"}, {"detail": "Method Not Allowed"})
        if not same_header(request.headers.get("x-api-key"), self.credentials["x-api-key"]):
            return _refusal(401, "The API key is missing or not valid")
        if not request.headers.get("x-user-id"):
            return _refusal(422, "The header x-user-id is missing")
        return self._session(request)

    def _session(self, request: Request) -> Answer:
        session_id = request.identifier
        zone_name = request.headers.get("timezone", DEFAULT_TIMEZONE)
        if not SESSION_ID.fullmatch(session_id):
            return _refusal(422, f"The format of sleep session id {session_id} is not valid")
        if timezone_named(zone_name) is None:
            return _refusal(400, "The invalid timezone is provided")
        night = self._nights.get(session_id)
        if night is None or not same_header(request.headers.get("x-user-id"), night.user_id):
            return _refusal(404, f"Unable to find the sleep session of id {session_id}")
        return Answer.encoded(200, JSON_HEADERS, _encoded_night(night, zone_name))


def asleep_app(
    api_key: str = SANDBOX_API_KEY,
    user_id: str = SANDBOX_USER_ID,
    faults: Sequence[Fault] = (),
) -> Starlette:
    """Return the service as an ASGI application that expects `api_key`, with all nights of `user_id`, and `faults`."""
    return application([AsleepProvider({"x-api-key": api_key, "x-user-id": user_id})], faults)


def _refusal(status: int, detail: str) -> Answer:
    return Answer(status, body={"detail": detail})


@lru_cache(maxsize=2048)  # about 15 MB, should somebody ask for every night in every timezone
def _encoded_night(night: SandboxNight, zone_name: str) -> bytes:
    zone = timezone_named(zone_name)
    if zone is None:
        raise ValueError(f"{zone_name!r} is not an IANA timezone.")
    return encode({"detail": "ok", "result": night.as_result(zone_name, zone)})

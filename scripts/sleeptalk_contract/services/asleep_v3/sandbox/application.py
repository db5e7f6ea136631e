"""The sandbox's Asleep of data v3: sessions, lists, averages, users and deletes.

The bodies of errors are those of the vendor's pages where they print one; those of 405 and 422 are the sandbox's own.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from sleeptalk_contract.contract.document import document
from sleeptalk_contract.contract.time_zones import timezone_named
from sleeptalk_contract.sandbox.answers import JSON_HEADERS, Answer, encode
from sleeptalk_contract.sandbox.web import same_header
from sleeptalk_contract.services.asleep.sandbox.application import SESSION_ID
from sleeptalk_contract.services.asleep.sandbox.nights import DEFAULT_TIMEZONE, SANDBOX_CREDENTIALS
from sleeptalk_contract.services.asleep_v3.sandbox.asked import (
    AskedWronglyError,
    day,
    metadata,
    one_of,
    required_day,
    whole,
)
from sleeptalk_contract.services.asleep_v3.sandbox.averages import average
from sleeptalk_contract.services.asleep_v3.sandbox.nights import NO_BREATHING
from sleeptalk_contract.services.asleep_v3.sandbox.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from zoneinfo import ZoneInfo

    from sleeptalk_contract.sandbox.answers import Request
    from sleeptalk_contract.services.asleep_v3.sandbox.nights import Night

OPERATIONS: Final = (
    "getSession",
    "listSessions",
    "getAverageStats",
    "createUser",
    "getUser",
    "deleteUser",
    "deleteSession",
    "deleteSessions",
)

_OF_A_USER: Final = frozenset({"getSession", "listSessions", "deleteSession", "deleteSessions"})
_LONGEST_PERIOD: Final = 100
_MOST_LISTED: Final = 100
_FURTHEST: Final = 1_000_000
_PAGE: Final = 20


class _RefusedError(Exception):
    """A request that is answered with an error."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.answer = Answer(status, body={"detail": detail})


class AsleepV3Provider:
    """Answers for the nights of one user at first, and keeps what requests change; one key opens it."""

    rule_groups = ("session", "sessions", "average-stats", "users", "deletes")

    def __init__(self, credentials: Mapping[str, str] = SANDBOX_CREDENTIALS) -> None:
        self.credentials = {**SANDBOX_CREDENTIALS, **credentials}
        self.operations = tuple(map(document("asleep-v3").operation, OPERATIONS))
        self.store = Store(self.credentials["x-user-id"])
        self._answers: Mapping[str, Callable[[Request], Answer]] = {
            "getSession": self._session,
            "listSessions": self._sessions,
            "getAverageStats": self._averages,
            "createUser": self._create_user,
            "getUser": self._user,
            "deleteUser": self._delete_user,
            "deleteSession": self._delete_session,
            "deleteSessions": self._delete_sessions,
        }

    def answer(self, request: Request) -> Answer:
        """Answer one request: method, key, user and the rest are looked at in this order."""
        if request.operation is None:
            allowed = sorted(each.method for each in self.operations if each.match(quote(request.path)) is not None)
            return Answer(405, {**JSON_HEADERS, "allow": ", ".join(allowed)}, {"detail": "Method Not Allowed"})
        if not same_header(request.headers.get("x-api-key"), self.credentials["x-api-key"]):
            return Answer(401, body={"detail": "Unauthorized"})
        if request.operation in _OF_A_USER and not request.headers.get("x-user-id"):
            return Answer(401, body={"detail": "x-user-id is invalid"})
        try:
            return self._answers[request.operation](request)
        except _RefusedError as refused:
            return refused.answer
        except AskedWronglyError as wrong:
            return Answer(422, body={"detail": str(wrong)})

    def _session(self, request: Request) -> Answer:
        session_id = _session_id(request)
        name, zone = _zone(request)
        night = self.store.read(_user_in_header(request), session_id)
        if night is None:
            raise _RefusedError(404, f"Unable to find the sleep session of id {session_id}")
        return Answer.encoded(200, JSON_HEADERS, _encoded_night(night, name, zone))

    def _sessions(self, request: Request) -> Answer:
        name, zone = _zone(request)
        first, last = day(request.query, "date_gte"), day(request.query, "date_lte")
        order = one_of(request.query, "order_by", ("DESC", "ASC"))
        offset = whole(request.query, "offset", 0, _FURTHEST)
        limit = whole(request.query, "limit", _PAGE, _MOST_LISTED)
        user_id = _user_in_header(request)
        if self.store.user(user_id) is None:
            raise _RefusedError(404, "user does not exist")
        found = [
            night
            for night in self.store.nights(user_id)
            if (first is None or _day_of(night, zone) >= first) and (last is None or _day_of(night, zone) <= last)
        ]
        if order == "DESC":
            found.reverse()
        page = found[offset : offset + limit]
        return _success("OK", {"timezone": name, "sleep_session_list": [night.as_listed(zone) for night in page]})

    def _averages(self, request: Request) -> Answer:
        name, zone = _zone(request)
        first, last = required_day(request.query, "start_date"), required_day(request.query, "end_date")
        if (last - first).days > _LONGEST_PERIOD:
            raise _RefusedError(400, "The period should be less than or equal to 100 days")
        if last < first:
            raise AskedWronglyError("Invalid parameter: end_date")
        user_id = request.identifier
        if self.store.user(user_id) is None:
            raise _RefusedError(404, f"Unable to find the user of id {user_id}")
        nights = [night for night in self.store.nights(user_id) if first <= _day_of(night, zone) <= last]
        complete = [night for night in nights if night.has_statistics]
        slept = [night.as_averaged(zone) for night in complete if night.has_sleep]
        without = bool(complete) and all(NO_BREATHING in night.peculiarities for night in complete)
        return _success(
            "OK",
            {
                "period": {"timezone": name, "start_date": first.isoformat(), "end_date": last.isoformat()},
                "peculiarities": [NO_BREATHING] if without else [],
                "average_stats": average(slept) if slept else None,
                "never_slept_sessions": [night.as_averaged(zone) for night in complete if not night.has_sleep],
                "slept_sessions": slept,
            },
        )

    def _create_user(self, request: Request) -> Answer:
        known = metadata(request.json) if request.body else None
        return _success("success", {"user_id": self.store.create(known)}, 201)

    def _user(self, request: Request) -> Answer:
        user = self.store.user(request.identifier)
        if user is None:
            raise _RefusedError(404, "user does not exist")
        nights = self.store.nights(user.user_id)
        last = nights[-1].as_last() if nights else None
        known = {
            "user_id": user.user_id,
            "to_be_deleted": False,
            "last_session_info": last,
            "metadata": user.metadata,
        }
        return _success("success", known)

    def _delete_user(self, request: Request) -> Answer:
        if not self.store.delete_user(request.identifier):
            raise _RefusedError(404, "user does not exist")
        return _gone()

    def _delete_session(self, request: Request) -> Answer:
        session_id, user_id = _session_id(request), _user_in_header(request)
        if self.store.user(user_id) is None:
            raise _RefusedError(404, "user does not exist")
        if not self.store.delete_night(user_id, session_id):
            raise _RefusedError(404, "session does not exist")
        return _gone()

    def _delete_sessions(self, request: Request) -> Answer:
        if not self.store.delete_nights(_user_in_header(request)):
            raise _RefusedError(404, "user does not exist")
        return _gone()


@lru_cache(maxsize=512)
def _encoded_night(night: Night, name: str, zone: ZoneInfo) -> bytes:
    return encode({"detail": "OK", "result": night.as_result(name, zone)})


def _success(detail: str, result: Mapping[str, Any], status: int = 200) -> Answer:
    return Answer(status, JSON_HEADERS, {"detail": detail, "result": result})


def _gone() -> Answer:
    return Answer(204, {})


def _session_id(request: Request) -> str:
    if not SESSION_ID.fullmatch(request.identifier):
        raise _RefusedError(422, f"The format of sleep session id {request.identifier} is not valid")
    return request.identifier


def _user_in_header(request: Request) -> str:
    """Return the id in `x-user-id`, whose bytes are read as UTF-8."""
    return request.headers.get("x-user-id", "").encode("latin-1", "replace").decode("utf-8", "surrogateescape")


def _zone(request: Request) -> tuple[str, ZoneInfo]:
    name = request.headers.get("timezone", DEFAULT_TIMEZONE)
    zone = timezone_named(name)
    if zone is None:
        raise _RefusedError(400, "The invalid timezone is provided")
    return name, zone


def _day_of(night: Night, zone: ZoneInfo) -> Any:
    return night.recorded.start.astimezone(zone).date()

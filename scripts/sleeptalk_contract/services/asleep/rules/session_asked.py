"""A GET of a session, taken apart: what is known of its id, key, user and timezone, and the sentences that are due."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, urlsplit

from sleeptalk_contract.judging.http import KEY_REFUSALS
from sleeptalk_contract.services.asleep.rules.timezones import (
    has_documented_form,
    is_clearly_unknown,
    is_known_everywhere,
    requested_timezone,
)
from sleeptalk_generated.asleep.client import GET_SESSION

if TYPE_CHECKING:
    from sleeptalk_contract.judging.case import Case

INVALID_TIMEZONE: Final = "The invalid timezone is provided"

_SESSION_ID: Final = re.compile(GET_SESSION.parameter("session_id").pattern or "")
_FIRST_YEAR: Final = 2000

_MALFORMED: Final = ("The format of sleep session id ", " is not valid")
_NOT_FOUND: Final = "Unable to find the sleep session of id "
_NOT_NAMED: Final = frozenset("\0\N{REPLACEMENT CHARACTER}")
_LONGEST_NAMED: Final = 200


def not_found(identifier: str) -> str:
    """Return the sentence for an id that is not known."""
    return _NOT_FOUND + identifier


def says_not_found(status: int | None, detail: object) -> bool:
    """Whether an answer has the sentence for an id that is not known, whichever id it names."""
    return status == 404 and isinstance(detail, str) and detail.startswith(_NOT_FOUND)  # noqa: PLR2004  # 404 is 404


def malformed(identifier: str) -> str:
    """Return the sentence for an id that is not a session id."""
    return identifier.join(_MALFORMED)


def names_another_id(detail: object, identifier: str) -> bool:
    """Whether a detail is the sentence for an id that is not a session id, and names another one than was asked for.

    Not so where the id is too long to be named, or has a NUL or bytes that are not UTF-8, which may be lost on the way.
    """
    start, end = _MALFORMED
    if not isinstance(detail, str) or not (detail.startswith(start) and detail.endswith(end)):
        return False
    is_namable = len(identifier) <= _LONGEST_NAMED and not _NOT_NAMED & set(identifier)
    return is_namable and detail != malformed(identifier)


class Id(Enum):
    """What is known of an id before it is requested."""

    KNOWN = "known"
    UNKNOWN = "well-formed, a night that could have been, and not known"
    UNDATED = "well-formed, but its digits are not the date of a night"
    MALFORMED = "not a session id"
    UNCLEAR = "unclear"


@dataclass(frozen=True)
class Asked:
    """A GET of a session, taken apart."""

    case: Case

    @cached_property
    def id(self) -> Id:
        """What the id is."""
        identifier = self.case.identifier
        if not self.case.is_sane:
            return Id.UNCLEAR
        if identifier in self.case.knowledge.known_ids:
            return Id.KNOWN
        if _SESSION_ID.fullmatch(identifier) is None:
            return Id.MALFORMED
        return Id.UNKNOWN if _is_plausible(identifier.partition("_")[0]) else Id.UNDATED

    @property
    def has_right_key(self) -> bool:
        """Whether the key is the one that was given; any key where none was given."""
        key = self.case.exchange.request_headers.get("x-api-key")
        return key is not None and self.case.knowledge.credentials.get("x-api-key") in {None, key}

    @property
    def has_right_user(self) -> bool:
        """Whether the user is the one that was given; any user where none was given."""
        user = self.case.exchange.request_headers.get("x-user-id", "")
        return user != "" and self.case.knowledge.credentials.get("x-user-id") in {None, user}

    @property
    def has_right_timezone(self) -> bool:
        """Whether the timezone is left out, or known beyond doubt."""
        return is_known_everywhere(requested_timezone(self.case.exchange.request_headers))

    @property
    def has_unknown_timezone(self) -> bool:
        """Whether the timezone is clearly not one."""
        return is_clearly_unknown(requested_timezone(self.case.exchange.request_headers))

    @property
    def has_odd_timezone(self) -> bool:
        """Whether the timezone is such that a firewall may refuse it, such as a path."""
        return not has_documented_form(requested_timezone(self.case.exchange.request_headers))

    @property
    def is_authorised(self) -> bool:
        """Whether key and user are right; not so for a refusal of a key or user that nobody says is right."""
        given = self.case.knowledge.credentials.keys() >= {"x-api-key", "x-user-id"}
        is_refused = not given and self.case.exchange.status in KEY_REFUSALS
        return self.has_right_key and self.has_right_user and not is_refused

    @property
    def has_key_in_query(self) -> bool:
        """Whether the right key is in the query."""
        query = parse_qsl(urlsplit(self.case.exchange.url).query)
        return self.case.knowledge.credentials.get("x-api-key") in {value for _, value in query}

    @property
    def is_wrong_in_its_credentials_alone(self) -> bool:
        """Whether nothing but the key or the user can be the reason for a refusal."""
        return self.is_judged and self.id is Id.KNOWN and self.has_right_timezone

    @property
    def is_odd(self) -> bool:
        """Whether the id is malformed in a way that some servers refuse by themselves, but none changes on the way."""
        return (
            self.case.is_by_method
            and self.case.exchange.status is not None
            and not self.case.is_sane
            and not self.case.is_throttled
            and self.case.is_left_alone
            and _SESSION_ID.fullmatch(self.case.identifier) is None
        )

    @cached_property
    def is_judged(self) -> bool:
        """Whether the contract decides the answer to this request: a sane GET that was answered."""
        exchange = self.case.exchange
        return (
            self.case.is_by_method and self.case.is_sane and exchange.status is not None and not self.case.is_throttled
        )


@lru_cache(maxsize=16)  # the rules look at the same case one after the other
def asked_of(case: Case) -> Asked:
    """Return the request of a case, so that it is taken apart once."""
    return Asked(case)


def _is_plausible(digits: str) -> bool:
    try:
        started = datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return False
    return started.year >= _FIRST_YEAR and started <= datetime.now(UTC)

"""Which refusals are about now, and which are about the request: what a run learns of it from its answers.

About now are 429, 503 with Retry-After, and a 403 that speaks of a limit. A 403 in words of its own, or none, may be
about the request or about now: even one to a wrong key, which is not refused for that where it is not looked at.
"""

from __future__ import annotations

import re
import threading
from enum import Enum
from typing import TYPE_CHECKING, Final

from sleeptalk_contract.contract.operation import SAFE_METHODS
from sleeptalk_contract.judging.case import speaks_of_a_limit

if TYPE_CHECKING:
    from sleeptalk_contract.contract.exchange import Exchange
    from sleeptalk_contract.fuzzing.plan import Plan
    from sleeptalk_contract.fuzzing.request import Request

MOST_ALTERNATIONS: Final = 3
"""How often another request has to be served between two refusals of one, to show that they are about that one."""

_UNPROVEN_TRIES: Final = 3
"""How often a 403 is tried again as long as it is not known whether the credentials are right."""

_FORBIDDEN: Final = 403
_TOO_MANY: Final = 429
_UNAVAILABLE: Final = 503
_REFUSALS: Final = frozenset({_FORBIDDEN, _TOO_MANY, _UNAVAILABLE})
_DIGITS: Final = re.compile(rb"[0-9]+")
_LONGEST_FINGERPRINT: Final = 2000

Fingerprint = tuple[int | None, str, bytes]


class Refusal(Enum):
    """What a refusal may be that is about now."""

    LIMIT = "it says so"
    ALIKE = "a 403 like one that was about now"
    DOUBTFUL = "a 403 where others were accepted"
    UNPROVEN = "a 403 to credentials that may be right"


class Refusals:
    """What a run has learnt about refusals so far. Safe to use from several threads."""

    def __init__(self, plan: Plan) -> None:
        self._credentials = plan.credentials
        self._headers = tuple(each.header for each in plan.target.credentials)
        self._knows_key = plan.target.key is None or plan.key is not None
        self._known = plan.known_ids
        self._tried = frozenset(map(str.casefold, plan.tried_ids))
        self._named = self._tried.union(map(str.casefold, plan.known_ids))
        self._lock = threading.Lock()
        self._accepted: set[tuple[str, ...]] = set()  # operation and credentials that were answered 2xx
        self._served_ids: set[str] = {""}
        self._served: Request | None = None  # answered 2xx, and harmless to send again
        self._answered: Request | None = None  # answered otherwise, and harmless to send again
        self._about_now: set[Fingerprint] = set()  # of 403s that were
        self._about_requests: set[Fingerprint] = set()  # of 403s that were
        self._shown_limits: dict[str, Fingerprint] = {}  # the 429 of an id that is there to show one
        self._tries_are_over = False

    def kind(self, request: Request, exchange: Exchange, tries: int, *, is_throttled: bool) -> Refusal | None:
        """Return in which way an answer may be about now, None where it is about the request.

        `tries` is how often it was refused before; `is_throttled`, whether anything was throttled before.
        """
        status = exchange.status
        with self._lock:
            if status == _TOO_MANY:
                shown = self._shows(request, exchange, is_throttled=is_throttled)
                return None if shown else Refusal.LIMIT
            if status == _UNAVAILABLE and "retry-after" in exchange.response_headers:
                return Refusal.LIMIT
            return self._forbidden(request, exchange, tries) if status == _FORBIDDEN else None

    def settle(self, request: Request, exchange: Exchange, refused: list[Exchange]) -> None:
        """Learn from an answer about a request, which may have been `refused` before."""
        harmless = request.operation.is_webhook or request.method in SAFE_METHODS
        with self._lock:
            if exchange.status != _FORBIDDEN:
                self._about_now.update(fingerprint(each) for each in refused if each.status == _FORBIDDEN)
            if exchange.successful and request.method == request.operation.method:
                self._accepted.add(self._identity(request))
                self._served_ids.add(self._identifier(request))
                self._served = request if harmless else self._served
            elif harmless and exchange.status is not None and exchange.status not in _REFUSALS:
                self._answered = request

    def shows_a_limit(self, request: Request) -> bool:
        """Whether a request is about an id that was named and never served: it may be one that is always throttled."""
        with self._lock:
            return self._identifier(request) not in self._served_ids

    def other(self, request: Request, refusal: Refusal) -> Request | None:
        """Return a request that was served, or may well be, to be sent between two of a refused one."""
        with self._lock:
            if self._served is not None:
                return self._served
            if refusal is Refusal.LIMIT and self._answered is not None:
                return self._answered
        asked = self._identifier(request)
        given = next((each for each in request.path_parameters.values() if each.casefold() == asked), None)
        other = next((each for each in self._known if each.casefold() != asked), None)
        return None if given is None or other is None else request.about(given, other)

    def is_served(self, other: Request, exchange: Exchange) -> bool:
        """Whether an answer to another request shows that anything is served at all; learn from one that does not."""
        if exchange.status not in _REFUSALS:
            return exchange.status is not None
        with self._lock:
            if exchange.status == _FORBIDDEN and self._identity(other) in self._accepted:
                self._about_now.add(fingerprint(exchange))
        return False

    def needed(self, exchange: Exchange, refusal: Refusal) -> int:
        """Return how often another request has to be served before a refusal counts as the answer to this one."""
        with self._lock:
            alike = refusal is Refusal.DOUBTFUL and fingerprint(exchange) in self._about_requests
        return 1 if alike else MOST_ALTERNATIONS

    def can_be_judged(self, request: Request, exchange: Exchange, refusal: Refusal) -> bool:
        """Whether a refusal that turned out to be about this request alone shows something of it; learn from it.

        What speaks of a limit shows nothing, but where that is what its id is there to show. A 403 like others that
        were about now shows nothing either, but where its credentials were not the right ones.
        """
        shows_a_limit = exchange.status == _TOO_MANY and self.shows_a_limit(request)
        with self._lock:
            if refusal is Refusal.LIMIT:
                if shows_a_limit:
                    self._shown_limits[self._identifier(request)] = fingerprint(exchange)
                return shows_a_limit or exchange.status == _UNAVAILABLE
            if refusal is Refusal.ALIKE:
                return self._identity(request) not in self._accepted
            self._about_requests.add(fingerprint(exchange))
            return True

    def _forbidden(self, request: Request, exchange: Exchange, tries: int) -> Refusal | None:
        if speaks_of_a_limit(exchange.response_body):
            return Refusal.LIMIT
        if fingerprint(exchange) in self._about_now:
            return Refusal.ALIKE
        if self._accepted:
            return Refusal.DOUBTFUL
        if self._tries_are_over or not self._is_complete(request):
            return None
        self._tries_are_over = tries >= _UNPROVEN_TRIES
        return None if self._tries_are_over else Refusal.UNPROVEN

    def _shows(self, request: Request, exchange: Exchange, *, is_throttled: bool) -> bool:
        """Whether a 429 is that of an id which is there to show one, and not about how many requests there were.

        One that is tried without the promise of a success is believed, as long as nothing was throttled.
        """
        identifier = self._identifier(request)
        if identifier in self._tried - self._served_ids and not is_throttled:
            self._shown_limits.setdefault(identifier, fingerprint(exchange))
        return self._shown_limits.get(identifier) == fingerprint(exchange)

    def _identifier(self, request: Request) -> str:
        """Return the id of a request as it is compared, empty where it is not one that was named."""
        return next((each for each in map(str.casefold, request.path_parameters.values()) if each in self._named), "")

    def _identity(self, request: Request) -> tuple[str, ...]:
        return (request.operation.id, *(request.header(name) or "" for name in self._headers))

    def _is_complete(self, request: Request) -> bool:
        """Whether a request carries a key, where there is one to carry, and every credential as the user gave it."""
        return self._knows_key and all(request.header(name) == value for name, value in self._credentials.items())


def fingerprint(exchange: Exchange) -> Fingerprint:
    """Return what two answers have in common that mean the same: numbers and the ids asked for may differ."""
    body = exchange.response_body[:_LONGEST_FINGERPRINT]
    for value in exchange.path_parameters.values():
        if value:
            body = body.replace(value.encode(errors="replace"), b"")
    return exchange.status, exchange.response_headers.get("content-type", ""), _DIGITS.sub(b"0", body)

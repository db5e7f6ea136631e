"""The keys in a recording: what is known of one that was sent, and what must not reach a report."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl

from msgspec import structs

from sleeptalk.runtime.recorded import KEY, RIGHT_KEY, SECRET_HEADERS, WRONG_KEY, redacted_body, redacting
from sleeptalk_contract.contract.redaction import remember

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sleeptalk.recording import Recorded
    from sleeptalk_contract.contract.service import Credential

_LEFT_OUT: Final = re.compile(
    r"\W*((filtered|redacted|removed|hidden|masked|censored|sanitized|scrubbed|placeholder|dummy|fake|left out|x{3,})"
    r"|(your\W*)?(api\W*)?(key|token)(\W*(left out|here))?)?\W*",
    re.IGNORECASE,
)
"""What recorders and people write in the place of a key."""

_LONGEST_PLACEHOLDER: Final = 60
_SECRET_NAME: Final = re.compile(r"(?i)(^|[-_.])(api[-_.]?)?(key|token|secret|password|signature|sig|auth)$")
_MOST_REMEMBERED: Final = 1000
_SHORTEST: Final = 4
"""Characters of a key that is looked for in texts: shorter ones stand in any."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """The credentials of one request, beside those that the user gives.

    `headers` are those of the request, with something in the place of what was left out; `known` are the right values
    by header, as far as they can be compared; `key` is what the reports take for the right key. `unknown` are the
    headers of which it is not known what was sent, `missing` those of them of which it is not known whether they were.
    """

    headers: Mapping[str, str]
    known: Mapping[str, str]
    key: str | None
    unknown: frozenset[str] = frozenset()
    missing: frozenset[str] = frozenset()


@lru_cache(maxsize=1024)
def is_left_out(value: str) -> bool:
    """Whether a value stands in the place of one that was left out of a recording."""
    return len(value) <= _LONGEST_PLACEHOLDER and _LEFT_OUT.fullmatch(value) is not None


def read_credentials(
    headers: dict[str, str], credentials: Sequence[Credential], given: Mapping[str, str], *, left_out: bool
) -> Credentials:
    """Read the credentials of a request; `given` are the right values, by header.

    `left_out` is whether one that is missing may have been left out of the recording. `headers` are changed.
    """
    known = given
    unknown: set[str] = set()
    missing: set[str] = set()
    key = None
    for credential in credentials:
        name = credential.header
        value = headers.get(name)
        right = known.get(name)
        if value is None:
            if not left_out:
                continue
            headers[name] = value = KEY
            missing.add(name)
        if value in {RIGHT_KEY, WRONG_KEY}:
            known = {**known, name: RIGHT_KEY}
            right = RIGHT_KEY
        elif value != right and value and is_left_out(value):
            unknown.add(name)
            known = {each: text for each, text in known.items() if each != name}
            right = value
        if credential.secret:
            key = value if right is None else right
    return Credentials(headers, known, key, frozenset(unknown), frozenset(missing))


class Remembered:
    """The secrets of a recording, which are kept out of every output: of a great many those that matter."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def note(self, values: Sequence[str], url: str, *, always: bool = False) -> None:
        """Keep the keys of a request, and what in its query is named like a secret, out of every later output.

        Beyond a thousand of them only `always`.
        """
        if "?" in url:
            values = [*values, *(text for name, text in _query_of(url) if _SECRET_NAME.search(name))]
        for value in values:
            if value not in self._seen and (always or len(self._seen) < _MOST_REMEMBERED) and not is_left_out(value):
                self._seen.add(value)
                remember(value)


def without_keys(recorded: Recorded, credentials: Sequence[Credential], given: Mapping[str, str]) -> Recorded:
    """Return an exchange as it may be written: without keys, and with what is known of them in their place.

    `given` are the right values by header, where they are known.
    """
    secret = {each.header for each in credentials if each.secret}
    request, response = recorded.request, recorded.response
    if request is None:
        return recorded
    keys = [value for name, value in request.headers if name.lower() in secret | SECRET_HEADERS and value]
    keys += [text for name, text in _query_of(request.url) if _SECRET_NAME.search(name) and text]

    clean = redacting(key for key in keys if len(key) >= _SHORTEST)

    def mark(name: str, value: str) -> str:
        lower = name.lower()
        if lower in SECRET_HEADERS:
            return KEY
        if lower not in secret or not value:
            return clean(value)
        right = given.get(lower)
        return KEY if right is None else RIGHT_KEY if value == right else WRONG_KEY

    return structs.replace(
        recorded,
        request=structs.replace(
            request,
            url=clean(request.url),
            headers=[(name, mark(name, value)) for name, value in request.headers],
            body=redacted_body(request.body, clean),
        ),
        response=None
        if response is None
        else structs.replace(
            response,
            headers=[(name, mark(name, value)) for name, value in response.headers],
            body=redacted_body(response.body, clean),
        ),
    )


def _query_of(url: str) -> list[tuple[str, str]]:
    return parse_qsl(url.partition("?")[2].partition("#")[0])

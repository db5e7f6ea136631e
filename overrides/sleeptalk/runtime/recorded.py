"""What a line of a recording has: an exchange over HTTP, whose keys are left out."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, NamedTuple

import msgspec

from sleeptalk.runtime.forms import without

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from sleeptalk.runtime.response import Response

KEY: Final = "[key left out]"
"""Stands for a key of which the recording does not say whether it was right."""
RIGHT_KEY: Final = "[right key left out]"
WRONG_KEY: Final = "[wrong key left out]"

SECRET_HEADERS: Final = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie"})
"""Headers that carry secrets in any service, and are never written."""


class Binary(msgspec.Struct, frozen=True):
    """A body that is not UTF-8."""

    base64: Annotated[str, msgspec.Meta(description="The bytes of a body that is not UTF-8, in base64.")]


Body = str | Binary | None
Failed = Literal["timeout", "connection"]
Pairs = Annotated[
    list[tuple[str, str]],
    msgspec.Meta(
        description=(
            "Names and values in their order, repeated ones as often as they came. A key is left out: its value is"
            f" {KEY}, or {RIGHT_KEY} or {WRONG_KEY} where that was known."
        )
    ),
]
_Seconds = Annotated[float, msgspec.Meta(ge=0)]
_BODY: Final = msgspec.Meta(
    description=(
        "The body without its content-encoding, as text or as an object with base64; null where there was none, or"
        " where it was not recorded."
    )
)


class RecordedRequest(msgspec.Struct, frozen=True, omit_defaults=True):
    """A request."""

    method: Annotated[str, msgspec.Meta(min_length=1, description="In capitals, such as GET.")]
    url: Annotated[str, msgspec.Meta(min_length=1, description="The whole address, or the path and the query alone.")]
    headers: Pairs = []
    body: Annotated[Body, _BODY] = None


class RecordedResponse(msgspec.Struct, frozen=True, omit_defaults=True):
    """An answer."""

    status: Annotated[int, msgspec.Meta(ge=100, le=999, description="The status of HTTP.")]
    headers: Pairs = []
    body: Annotated[Body, _BODY] = None
    version: Annotated[str, msgspec.Meta(description="The version of HTTP, such as HTTP/1.1; empty if unknown.")] = ""
    ended_early: Annotated[
        str,
        msgspec.Meta(
            description="How far the body came where the connection was closed before its end, such as: ended after"
            " 100 of 200 bytes."
        ),
    ] = ""


class Recorded(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line: an exchange, or how many were not recorded."""

    request: Annotated[RecordedRequest | None, msgspec.Meta(description="What was asked.")] = None
    response: Annotated[
        RecordedResponse | None, msgspec.Meta(description="What was answered; null where no whole answer came.")
    ] = None
    started: Annotated[str, msgspec.Meta(description="When the request began, in ISO 8601 with an offset.")] = ""
    seconds: Annotated[_Seconds | None, msgspec.Meta(description="From the first byte sent to the last received.")] = (
        None
    )
    failure: Annotated[Failed | None, msgspec.Meta(description="Why no whole answer came.")] = None
    webhook: Annotated[bool, msgspec.Meta(description="Whether it is known to be a delivery of a webhook.")] = False
    from_cache: Annotated[
        bool,
        msgspec.Meta(description="Whether the answer came from a cache or a service worker, and not from the server."),
    ] = False
    headers_left_out: Annotated[
        bool, msgspec.Meta(description="Whether headers that carry keys may have been left out of the recording.")
    ] = False
    lost: Annotated[
        int,
        msgspec.Meta(ge=0, description="Exchanges that were not recorded before this line. It then has no request."),
    ] = 0


_ENCODER: Final = msgspec.json.Encoder()


def encode_line(recorded: Recorded) -> bytes:
    """Return an exchange as a line, with its line end."""
    return _ENCODER.encode(recorded) + b"\n"


def schema() -> dict[str, Any]:
    """Return the JSON Schema of a line."""
    found = msgspec.json.schema(Recorded)
    definition = found["$defs"]["Recorded"]
    definition["anyOf"] = [{"required": ["request"]}, {"required": ["lost"]}]
    title = {"title": "A line of a recording of sleeptalk", **{k: v for k, v in definition.items() if k != "title"}}
    others = {name: value for name, value in found["$defs"].items() if name != "Recorded"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:sleeptalk:recording",
        **title,
        "$defs": others,
    }


def body_of(content: bytes | None) -> Body:
    """Return a body as a line has it."""
    if content is None:
        return None
    try:
        return content.decode()
    except UnicodeDecodeError:
        return Binary(base64.b64encode(content).decode())


def redacting(secrets: Iterable[str]) -> Callable[[str], str]:
    """Return what takes secrets out of a text, also where they are encoded: keys, or values of `Authorization`."""
    found = {secret for value in secrets for secret in (value, *_parts_of_basic(value)) if secret}
    longest_first = sorted(found, key=len, reverse=True)

    def redact(text: str) -> str:
        for secret in longest_first:
            text = without(text, secret, KEY)
        return text

    return redact


def _parts_of_basic(value: str) -> list[str]:
    """Return what stands in a value of `Authorization`: its token, and the password of the scheme Basic."""
    scheme, _, token = value.partition(" ")
    if scheme.lower() != "basic":
        return [token]
    try:
        return [token, base64.b64decode(token).decode().partition(":")[2]]
    except ValueError:
        return [token]


def redacted_body(body: Body, redact: Callable[[str], str]) -> Body:
    """Return a body without the secrets that `redact` takes out of texts, whether it is text or not."""
    if isinstance(body, Binary):
        text = base64.b64decode(body.base64).decode(errors="surrogateescape")
        return body_of(redact(text).encode(errors="surrogateescape"))
    return None if body is None else redact(body)


def without_secrets(
    headers: Iterable[tuple[str, str]], secret: Collection[str], redact: Callable[[str], str] = str, mark: str = KEY
) -> list[tuple[str, str]]:
    """Return headers with `mark` in the place of keys; `secret` are names of their headers in lower case."""
    return [
        (name, mark if name.lower() in secret else KEY if name.lower() in SECRET_HEADERS else redact(value))
        for name, value in headers
    ]


class Noted(NamedTuple):
    """One request of a client, and what came of it.

    - `secret`: the names of the headers that carry keys, in lower case.
    - `content`: the body of the answer; None where it is not whole.
    - `seconds`: how long it took.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    secret: Collection[str]
    body: bytes | None
    answer: Response | None
    content: bytes | None
    seconds: float
    failure: Failed | None

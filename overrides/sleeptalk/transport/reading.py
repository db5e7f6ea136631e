"""From an answer's bytes to a typed body, and what services say when they refuse."""

from __future__ import annotations

import reprlib
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from sleeptalk.decoding import MismatchError, NotJsonError, decode, untyped
from sleeptalk.errors import (
    CallFailed,
    ContractViolation,
    Forbidden,
    RateLimited,
    ServerError,
    Unauthorized,
    UnexpectedStatus,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from sleeptalk.transport.response import Response

T = TypeVar("T")

LONGEST_QUOTE = 500  # characters of a service's own words in an error's message


def read_json(response: Response, kind: type[T], *, repair: Callable[[Any], Any] | None = None) -> T:
    """Read the body as an object of a generated class; raises ContractViolation, which says where it does not fit."""
    declared = response.headers.get("content-type")
    if declared != "application/json":
        _check_type(declared or "", response)
    try:
        return decode(response.content, kind, repair=repair)
    except NotJsonError as problem:
        message = f"The answer has the status {response.status}, and its body is not JSON: {problem}."
        raise ContractViolation(message, response=response) from None
    except MismatchError as problem:
        message = f"The answer breaks the contract at {problem.path}: {problem}."
        raise ContractViolation(message, path=problem.path, response=response) from None


def _check_type(declared: str, response: Response) -> None:
    """Raise ContractViolation for a type that is not JSON by another of its names. No type at all is taken for JSON."""
    essence = declared.split(";", maxsplit=1)[0].strip().lower()
    if essence and essence != "application/json" and not essence.endswith("+json"):
        message = f"The answer has the status {response.status}, and its content-type is not JSON: check base_url."
        raise ContractViolation(message, path="header content-type", response=response)


def other_id(response: Response, path: str, asked: str) -> ContractViolation:
    """Make the error for an answer about something else than what was asked for. `path` is where its id stands."""
    message = f"The answer breaks the contract at {path}: it is not about {asked}, which was asked for."
    return ContractViolation(message, path=path, response=response)


def read_refusal(response: Response, kind: type[T], *, repair: Callable[[Any], Any] | None = None) -> T | None:
    """Read the body of a refusal, or give None where it is not the documented one."""
    try:
        return read_json(response, kind, repair=repair)
    except ContractViolation:
        return None


def said(response: Response) -> str | None:
    """Give what a service says under `detail` as one text: a string, or a list of errors as FastAPI writes them."""
    try:
        body = untyped(response.content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    detail = body.get("detail") if isinstance(body, dict) else None
    if isinstance(detail, str):
        return detail
    if isinstance(detail, list) and detail:
        return "; ".join(_item_text(item) for item in detail)
    return None


def by_status(response: Response, name: str, detail: str | None, **more: Any) -> CallFailed:
    """Make the error of a refusal that means the same for every service."""
    status = response.status
    kinds: dict[int, tuple[type[CallFailed], str]] = {
        401: (Unauthorized, "does not accept the API key"),
        403: (Forbidden, "does not allow this: look at the key's plan and quota"),
        429: (RateLimited, "asks to send fewer requests"),
    }
    server_error = (ServerError, f"failed with the status {status}")
    unexpected = (
        UnexpectedStatus,
        f"answered with the status {status}, which the contract does not know: check base_url",
    )
    kind, says = kinds.get(status, server_error if 500 <= status <= 599 else unexpected)  # noqa: PLR2004  # RFC 9110's 5xx
    return kind(sentence(f"{name} {says}", detail), response=response, detail=detail, **more)


def sentence(says: str, detail: str | None) -> str:
    """Join what went wrong with the service's own words."""
    return f"{says}: {quoted(detail)}." if detail else f"{says}."


def quoted(text: str) -> str:
    """Give a service's words in a form that fits into a line of a log."""
    short = text if len(text) <= LONGEST_QUOTE else f"{text[:LONGEST_QUOTE]}..."
    return "".join(character if character.isprintable() else "?" for character in short).rstrip(".")


def _item_text(item: Any) -> str:
    if not isinstance(item, dict):
        return _plain(item)
    place = item.get("loc")
    where = ".".join(_plain(part) for part in place) if isinstance(place, list) else ""
    says = _plain(item.get("msg", item.get("message", "")))
    return f"{where}: {says}" if where else says


def _plain(value: Any) -> str:
    """Give a value as text; of a list or an object only its beginning, however deeply it is nested."""
    return reprlib.repr(value) if isinstance(value, (list, dict)) else str(value)

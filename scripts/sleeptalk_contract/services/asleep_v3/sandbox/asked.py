"""The query and the body of a request to the sandbox of data v3, read and checked."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from sleeptalk_contract.contract.document import document
from sleeptalk_contract.judging.schema import request_judge

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WHOLE: Final = re.compile(r"[0-9]{1,7}")
_LEAP_YEAR: Final = 2000


class AskedWronglyError(ValueError):
    """A parameter or a body that does not have its documented form; its text is for the answer."""


def day(query: Mapping[str, Sequence[str]], name: str) -> date | None:
    """Return a day of a query; None where it is not there. Raises AskedWronglyError."""
    if name not in query:
        return None
    text = query[name][-1]
    if not _DAY.fullmatch(text):
        raise _wrong(name)
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _wrong(name) from None


def required_day(query: Mapping[str, Sequence[str]], name: str) -> date:
    """Return a day of a query. Raises AskedWronglyError, also where it is not there."""
    found = day(query, name)
    if found is None:
        raise _wrong(name)
    return found


def whole(query: Mapping[str, Sequence[str]], name: str, default: int, most: int) -> int:
    """Return a whole number of a query, `default` where it is not there. Raises AskedWronglyError."""
    text = query.get(name, [str(default)])[-1]
    if not _WHOLE.fullmatch(text) or int(text) > most:
        raise _wrong(name)
    return int(text)


def one_of(query: Mapping[str, Sequence[str]], name: str, values: Sequence[str]) -> str:
    """Return one of some values of a query, the first where it is not there. Raises AskedWronglyError."""
    text = query.get(name, [values[0]])[-1]
    if text not in values:
        raise _wrong(name)
    return text


def metadata(body: Any) -> Mapping[str, Any] | None:
    """Return the metadata of a new user. Raises AskedWronglyError where it is not as documented."""
    judge = request_judge(document("asleep-v3").operation("createUser"), "users")
    verdict = None if judge is None else judge.judge(body)
    if verdict is None or verdict.breaches or verdict.beyond:
        raise _wrong("metadata")
    found: Mapping[str, Any] = body.get("metadata") or {}
    month, born = found.get("birth_month"), found.get("birth_day")
    # 3.0 is a whole number, too
    if month and born and born > monthrange(int(found.get("birth_year") or _LEAP_YEAR), int(month))[1]:
        raise _wrong("birth_day")
    return found or None


def _wrong(name: str) -> AskedWronglyError:
    return AskedWronglyError(f"Invalid parameter: {name}")

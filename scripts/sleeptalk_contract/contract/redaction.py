"""Redact text for output: known keys are replaced, what acts on a terminal or a CI system escaped, long texts cut.

A key is looked for in the forms in which others print it (`sleeptalk.runtime.forms`), and where its length allows that:
one of fewer than four characters is not replaced, for that would ruin a report and protect nothing; one that is short
or all letters is replaced where it is a word of its own; one that is a word of the contract only where it is a whole
value.
"""

import os
import re
from collections.abc import Iterable
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Final

from sleeptalk.runtime.forms import decoding_pattern, printed_forms
from sleeptalk_contract.contract.keys import revealing

REPLACEMENT: Final = "[key left out]"

_SHORTEST: Final = 4
_SHORT: Final = 8
_NAME: Final = re.compile(r"[A-Za-z_-]+")
_WORD: Final = re.compile(r"[A-Za-z]+")
_ORDINARY: Final = frozenset({"demo", "example", "left", "local", "localhost", "test"})
"""Words that are given as keys where keys do not matter, and stand in addresses and texts of any service."""

_UNPRINTABLE: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\uffff"
    "\U000e0000-\U000e0fff]"
)
_COMMAND: Final = re.compile(r"##(?=[\[A-Za-z])|::(?![0-9\]])")
"""How commands of CI systems begin: `##[`, `##vso[`, `##teamcity[`, `::`; not an IPv6 address such as [::1]."""

_known: set[str] = set()
_variables: set[str] = set()
_documents: set[Path] = set()


def remember(secret: str | None) -> None:
    """Keep a text out of every later output. None and empty texts are ignored."""
    if secret:
        _known.add(secret)


def remember_key(key: str | None) -> None:
    """Keep an API key out of every later output, and the wrong keys that are derived from it and reveal it."""
    for text in revealing(key) if key else ():
        remember(text)


def remember_variables(names: Iterable[str]) -> None:
    """Keep the values of environment variables out of every later output, as they are by then."""
    _variables.update(names)


def remember_documents(paths: Iterable[Path]) -> None:
    """Take note of the documents of a contract: a key that is a word there is replaced only where it is a whole value.

    They are read when a key may be a word.
    """
    _documents.update(paths)


def redacted(text: str) -> str:
    """Return `text` with every known key replaced: those remembered and those in the environment."""
    for key in _known_keys():
        text = _without(text, key)
    return text


def redacted_bytes(content: bytes) -> bytes:
    """Return `content`, which need not be text, with every known key replaced."""
    return redacted(content.decode(errors="surrogateescape")).encode(errors="surrogateescape")


def printable(text: str) -> str:
    """Escape characters that XML cannot carry or that would manipulate a terminal; line ends and tabs stay."""
    return _UNPRINTABLE.sub(lambda match: f"\\u{ord(match.group()):04x}", text)


def inert(text: str) -> str:
    """Return a text in which no CI system finds a command; within a string of JSON, it is still the same string."""
    return _COMMAND.sub(lambda match: f"{match.group()[0]}\\u{ord(match.group()[1]):04x}", text)


def escaped(text: str) -> str:
    """Return a text of the other side fit for any line of a console: on one line, without keys, and inert.

    Controls, direction marks and line ends are escaped, and so is what begins a command of a CI system: some find it
    within a line.
    """
    return inert("".join(each if each.isprintable() else f"\\u{ord(each):04x}" for each in redacted(text)))


def shortened(text: str, limit: int) -> str:
    """Cut a text to `limit` characters; one that is cut ends in "...".

    Keys are replaced first: the half of one would not be found any more.
    """
    clean = redacted(text)
    return clean if len(clean) <= limit else f"{clean[: limit - 3]}..."


def _known_keys() -> list[str]:
    """Return the known keys, longest first: one may be the beginning of another."""
    keys = _known | {os.environ.get(name, "") for name in _variables}
    return sorted((key for key in keys if len(key) >= _SHORTEST), key=len, reverse=True)


def _without(text: str, key: str) -> str:
    if _is_common(key):
        return _whole_value(key).sub(REPLACEMENT, text)
    if len(key) < _SHORT or key.isalpha():
        text = _own_word(key).sub(REPLACEMENT, text) if key in text else text
    else:
        text = text.replace(key, REPLACEMENT)
    for form in printed_forms(key):
        text = text.replace(form, REPLACEMENT)
    if "%" in text or "\\" in text or "&" in text:
        text = decoding_pattern(key).sub(REPLACEMENT, text)
    return text


def _is_common(key: str) -> bool:
    word = key.lower()
    return bool(_NAME.fullmatch(key)) and (word in _ORDINARY or word in _words_of(frozenset(_documents)))


@lru_cache(maxsize=8)
def _words_of(documents: frozenset[Path]) -> frozenset[str]:
    found: set[str] = set()
    for path in documents:
        with suppress(OSError, ValueError):
            text = path.read_text(encoding="utf-8").lower()
            found.update(_NAME.findall(text), _WORD.findall(text))
    return frozenset(found)


@lru_cache(maxsize=256)
def _own_word(key: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W_]){re.escape(key)}(?![^\W_])")


@lru_cache(maxsize=256)
def _whole_value(key: str) -> re.Pattern[str]:
    """Return what finds a key as a text of its own, in quotes, as a value in a query, or after a scheme as Bearer."""
    word = re.escape(key)
    return re.compile(rf"(?<=[\"']){word}(?=[\"'])|(?<==){word}(?=[&#\s]|\Z)|(?<=Bearer ){word}\b|\A{word}\Z")

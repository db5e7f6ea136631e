"""Finds YAML scalars that readers disagree on: text to one, a truth value, a date or a number to another."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sleeptalk_contract.linting.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sleeptalk_contract.contract.document import Document

RULE: Final = "yaml/quoted-scalar"

_CORE: Final = {
    "bool": re.compile(r"true|false"),
    "int": re.compile(r"-?(0|[1-9][0-9]*)"),
    "float": re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?"),
    "null": re.compile(r"null"),
    "str": re.compile(r".*", re.DOTALL),
}
"""How JSON writes the values of each kind: every YAML reader agrees on these."""


def ambiguous_scalars(document: Document) -> Iterator[Problem]:
    """Yield each value without quotes that YAML 1.1 and 1.2 read differently."""
    for scalar in document.plain_scalars:
        agreed = _CORE.get(scalar.kind)
        if agreed is None or not agreed.fullmatch(scalar.text):
            message = f'YAML readers disagree on {scalar.text or "an empty value"}. Right: "{scalar.text}" in quotes.'
            yield Problem(document.label, scalar.line, scalar.column, RULE, message)

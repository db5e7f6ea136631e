"""Finds YAML scalars that readers disagree on: text to one, a truth value, a date or a number to another."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sleeptalk_contract.linting.problem import Places, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

RULE: Final = "yaml/quoted-scalar"

_CORE: Final = {
    "tag:yaml.org,2002:bool": re.compile(r"true|false"),
    "tag:yaml.org,2002:int": re.compile(r"-?(0|[1-9][0-9]*)"),
    "tag:yaml.org,2002:float": re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?"),
    "tag:yaml.org,2002:null": re.compile(r"null"),
    "tag:yaml.org,2002:str": re.compile(r".*", re.DOTALL),
}
"""How JSON writes the values of each kind: every YAML reader agrees on these."""


def ambiguous_scalars(file: str, places: Places) -> Iterator[Problem]:
    """Yield each unquoted scalar that YAML 1.1 and 1.2 read differently, and each key that is no text."""
    for node, is_key in places.plain_scalars():
        agreed = _CORE.get(node.tag)
        if agreed is None or not agreed.fullmatch(node.value) or (is_key and not node.tag.endswith(":str")):
            message = f'YAML readers disagree on {node.value or "an empty value"}. Right: "{node.value}" in quotes.'
            yield Problem(file, node.start_mark.line + 1, node.start_mark.column + 1, RULE, message)

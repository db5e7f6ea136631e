"""What became of the version before: the keys of the files in `openapi/versions/`, which says which names changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sleeptalk_contract.contract.pointer import token
from sleeptalk_contract.contract.usage import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

FOLDER: Final = "versions"
_KEYS: Final[Mapping[str, type]] = {
    "before": str,
    **dict.fromkeys(("source", "operations", "renamed", "remarks"), dict),
    "schemas": list,
}
_KINDS: Final[Mapping[type, str]] = {str: "text", dict: "a mapping", list: "a list"}


def problems_of_versions(value: Any) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the keys of such a file: a JSON Pointer and a sentence."""
    if not isinstance(value, dict):
        yield "", f"a file of versions is a mapping with the keys {', '.join(_KEYS)}."
        return
    for key, kind in _KEYS.items():
        if not isinstance(value.get(key), kind):
            yield f"/{key}", f"{key} is missing or is not {_KINDS[kind]}."
    for key in value.keys() - _KEYS.keys():
        yield f"/{token(key)}", f"{one_line(key)} is not one of the keys {', '.join(_KEYS)}."

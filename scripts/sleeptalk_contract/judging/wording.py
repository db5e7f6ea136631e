"""What an error of JSON Schema says to a reader: what is wrong in plain words, and what would be right.

A text begins with a verb, so that it follows the name of a field: "ends in Z: write +00:00", "must be null".
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from sleeptalk_contract.contract.exchange import is_out_of_range
from sleeptalk_contract.contract.pointer import follow
from sleeptalk_contract.contract.usage import listed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

_LONGEST_VALUE: Final = 100
_MOST_CHOICES: Final = 12
_LONGEST_PATTERN_INPUT: Final = 200
"""Characters of a text that a repair is tried on: nothing longer has a form that is worth explaining."""

_TYPES: Final = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "null": "null",
    "number": "a number",
    "object": "an object",
    "string": "a string",
}

_BOUNDS: Final = {
    "minimum": "must be at least {}",
    "maximum": "must be at most {}",
    "exclusiveMinimum": "must be above {}",
    "exclusiveMaximum": "must be below {}",
    "multipleOf": "must be a multiple of {}",
    "minLength": "must have at least {} characters",
    "maxLength": "must have at most {} characters",
    "minItems": "must have at least {} entries",
    "maxItems": "must have at most {} entries",
    "minProperties": "must have at least {} keys",
    "maxProperties": "must have at most {} keys",
    "contains": "lacks an entry that it must have",
    "additionalProperties": "has a key that it must not have",
    "unevaluatedProperties": "has a key that it must not have",
}
"""What is said of a keyword with its limit."""

_REPAIRS: Final[Sequence[tuple[str, Callable[[str], str]]]] = (
    ("has a space or a line end around it: leave it out", str.strip),
    ("ends in Z: write +00:00", lambda text: re.sub(r"[Zz]$", "+00:00", text)),
    ("has a fraction of a second: leave it out", lambda text: re.sub(r"(:\d\d)[.,]\d+", r"\1", text)),
    (
        "has a fraction of a second and ends in Z: write whole seconds and +00:00",
        lambda text: re.sub(r"(:\d\d)[.,]\d+[Zz]$", r"\1+00:00", text),
    ),
    ("has no offset from UTC: write one, such as +00:00", lambda text: f"{text}+00:00"),
    ("has an offset without a colon: write it as +00:00", lambda text: re.sub(r"([+-]\d\d)(\d\d)$", r"\1:\2", text)),
    ("has an offset without minutes: write it as +00:00", lambda text: re.sub(r"([+-]\d\d)$", r"\1:00", text)),
    ("has no T between date and time: write one", lambda text: re.sub(r"^(\S{10})[ t_]", r"\1T", text)),
    ("has no seconds: write them", lambda text: re.sub(r"(T\d\d:\d\d)(?=[+-]|$)", r"\1:00", text)),
    ("must be in capital letters", str.upper),
    ("must be in small letters", str.lower),
)
"""What is often wrong with a text, and what mends it: it is what was wrong where the mended text has the form."""


def wording(error: Any, root: Mapping[str, Any]) -> tuple[str, str]:
    """Return what an error of jsonschema_rs says, without the value at fault, and that value as text ("" for none).

    `root` is the schema that was validated by. A keyword that has no words of its own gets those of jsonschema_rs.
    """
    keyword = str(error.kind.name)
    if keyword == "required":
        return f"lacks {error.kind.property}", ""
    if keyword == "propertyNames":
        words, name = wording(error.kind.error, root)
        return f"has a key that {words}", name
    value = "" if error.instance is None and keyword == "not" else _shown(error.instance)
    expected = getattr(error.kind, "value", None)
    if keyword == "pattern":
        return _about_form(error, root, str(expected)), value
    said = _words(keyword, expected, error.instance, root, error)
    return (str(error.message), "") if said is None else (said, value)


def complete(words: str, value: str) -> str:
    """Return words with the value at fault: "must be null (it is 0)"."""
    return f"{words} (it is {value})" if value else words


def _words(  # noqa: PLR0911  # one return per keyword
    keyword: str, expected: Any, value: Any, root: Mapping[str, Any], error: Any
) -> str | None:
    if keyword == "type":
        return f"must be {listed(_types(expected))}"
    if keyword == "enum" and isinstance(expected, list):
        return _one_of(expected, value)
    if keyword == "const":
        return _one_of([getattr(error.kind, "expected_value", expected)], value)
    if keyword in {"anyOf", "oneOf"}:
        return _of_a_branch(error, root)
    if keyword == "not":
        return "must not be null" if value is None else "must not be what it is"
    if keyword == "format":
        return f"is not a valid {expected}"
    if keyword == "uniqueItems":
        return "must not have an entry twice"
    if keyword == "falseSchema":
        return "must not be there"
    return _bound(error)


def _bound(error: Any) -> str | None:
    kind = error.kind
    limit = next(
        (getattr(kind, name) for name in ("limit", "multiple_of", "expected_value") if hasattr(kind, name)),
        getattr(kind, "value", None),
    )
    text = _BOUNDS.get(str(kind.name))
    return None if text is None else _in_singular(text.format(limit))


def _in_singular(text: str) -> str:
    return re.sub(r" 1 (character|entrie|key)s$", lambda found: f" 1 {found[1].replace('entrie', 'entry')}", text)


def _types(names: Any) -> list[str]:
    found = [names] if isinstance(names, str) else [str(name) for name in names]
    ordered = sorted(found, key=lambda name: name == "null")  # "a string or null"
    return [_TYPES.get(name, name) for name in ordered]


def _one_of(options: Sequence[Any], value: Any) -> str:
    texts = [option if isinstance(option, str) else json.dumps(option) for option in options]
    if isinstance(value, str):
        close = next((text for text in texts if text.casefold() == value.strip().casefold()), None)
        if close is not None:
            return f"must be written {close}"
    if len(texts) > _MOST_CHOICES:
        return f"must be one of the {len(texts)} values that the document lists, such as {texts[0]}"
    return f"must be {listed(texts)}"


def _of_a_branch(error: Any, root: Mapping[str, Any]) -> str:
    """Return which types would do where no branch of anyOf or oneOf fits."""
    holder = holder_of(error, root)
    branches = holder.get(str(error.kind.name), []) if isinstance(holder, dict) else []
    names = [name for branch in branches for name in types_of(branch, root)]
    unique = list(dict.fromkeys(names))
    return f"must be {listed(_types(unique))}" if unique else "has none of the forms that the document allows"


def types_of(schema: Any, root: Mapping[str, Any]) -> list[str]:
    """Return the names of the types that a schema allows; none where it names none."""
    if not isinstance(schema, dict):
        return []
    if "$ref" in schema:
        return types_of(follow(root, schema["$ref"]), root)
    found = schema.get("type", [])
    return [found] if isinstance(found, str) else list(found)


def _about_form(error: Any, root: Mapping[str, Any], pattern: str) -> str:
    """Return what is wrong with a text that does not have the form of a pattern, which is never shown itself."""
    value = error.instance
    if isinstance(value, str) and len(value) <= _LONGEST_PATTERN_INPUT:
        for words, mended in _REPAIRS:
            if mended(value) != value and _fits(pattern, mended(value)):
                return words
    described = [
        schema for schema in (holder_of(error, root), *_with_pattern(root, pattern)) if isinstance(schema, dict)
    ]
    example = next((str(each["examples"][0]) for each in described if each.get("examples")), None)
    choices = _choices(pattern)
    if choices:
        return f"must be {listed(choices)}"
    if example is not None:
        return f"must have the form of {json.dumps(example, ensure_ascii=False)}"
    text = next((str(each["description"]) for each in described if each.get("description")), "")
    sentence = re.split(r"(?<=\.)\s", text)[0].strip().rstrip(".")
    return f"must have the form that the document describes: {sentence}" if sentence else "does not have the right form"


def _choices(pattern: str) -> list[str]:
    """Return what a pattern of alternatives allows, in words: each is a text, or the beginning of one; else nothing."""
    inner = re.fullmatch(r"\^\((?:\?:)?([^()\[\]{}\\^$?*]*)\)\$", pattern.replace(".*", ".+"))
    if inner is None:
        return []
    texts: list[str] = []
    for part in inner[1].split("|"):
        text = part.removesuffix(".+")
        if "." in text or "+" in text:
            return []
        texts.append(text if text == part else f"{text}...")
    return texts


def _fits(pattern: str, text: str) -> bool:
    try:
        return re.search(pattern, text) is not None
    except re.error:  # a pattern that another dialect of regular expressions understands
        return False


def _with_pattern(root: Mapping[str, Any], pattern: str) -> Iterator[Any]:
    """Yield the named schemas that have a pattern."""
    schemas = root.get("components", {}).get("schemas", {})
    return (schema for schema in schemas.values() if isinstance(schema, dict) and schema.get("pattern") == pattern)


def holder_of(error: Any, root: Mapping[str, Any]) -> Any:
    """Return the schema that the failing keyword stands in."""
    node: Any = root
    for step in list(error.evaluation_path)[:-1]:
        if step == "$ref" and isinstance(node, dict) and isinstance(node.get("$ref"), str):
            node = follow(root, node["$ref"])
        else:
            node = node[step]
    return node


def _shown(value: Any) -> str:
    if is_out_of_range(value):
        return "a number that no float can hold"
    if isinstance(value, list):
        return f"a list of {len(value)}" if value else "an empty list"
    if isinstance(value, dict):
        return "an object" if value else "an empty object"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 3]}..."

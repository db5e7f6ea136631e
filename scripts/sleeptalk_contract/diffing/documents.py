"""What changed in the shape of a document, by Redocly, which knows what breaks requests and what breaks responses."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sleeptalk_contract.contract.pointer import follow, parts
from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.diffing.change import Change, Impact
from sleeptalk_contract.diffing.rules import without_rules
from sleeptalk_contract.node import redocly

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sleeptalk_contract.contract.document import Document

_BOUNDS: Final = frozenset({"maximum", "minimum", "exclusiveMaximum", "exclusiveMinimum", "maxItems", "minItems"})
_LENGTHS: Final = frozenset({"maxLength", "minLength", "maxProperties", "minProperties"})


def document_changes(name: str, base: Document, revision: Document) -> Iterator[Change]:
    """Yield what Redocly finds between two versions of document `name`; conditions and rule ids are left out.

    Raises UsageError where Redocly cannot compare them.
    """
    for found in _redocly(name, without_rules(base.root), without_rules(revision.root)):
        side, version = ("revision", revision) if "revision" in found else ("base", base)
        pointer = found[side]["pointer"]
        line = version.line(pointer)
        for impact, sentence in _verdicts(found):
            fair = Impact.PATCH if _only_for_fuzzing(found, version.root) else impact
            yield Change(fair, "document", name, _subject(pointer), pointer, sentence, line)


def _redocly(name: str, old: dict[str, Any], new: dict[str, Any]) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / f"{side}-{name}.json" for side in ("base", "revision")]
        for file, document in zip(files, (old, new), strict=True):
            file.write_text(json.dumps(document), encoding="utf-8")
        run = redocly("diff", *files, "--format=json", "--fail-on=none")
    try:
        report, _ = json.JSONDecoder().raw_decode(run.stdout[run.stdout.index("{") :])
    except ValueError as error:
        reason = " ".join((run.stderr or run.stdout).split())[:300]
        raise UsageError(f"Redocly could not compare the two versions of {name}: {reason}") from error
    changes: list[dict[str, Any]] = report["changes"]
    return changes


def _verdicts(found: Mapping[str, Any]) -> list[tuple[Impact, str]]:
    """Return impact and sentence of each verdict; a change without one gets a sentence of ours."""
    verdicts = [(Impact[verdict["impact"].upper()], verdict["message"]) for verdict in found["verdicts"]]
    if verdicts:
        return verdicts
    impact = Impact[found["impact"].upper()]
    what = found.get("property") or found["typeName"]
    if found["kind"] != "modified":
        return [(impact, f"`{what}` was {found['kind']}.")]
    old, new = (found.get(side, {}).get("value") for side in ("base", "revision"))
    if any(not isinstance(value, str | int | float | bool | None) for value in (old, new)):
        return [(impact, f"`{what}` was changed.")]
    return [(impact, f"`{what}` was changed from {_short(old)} to {_short(new)}.")]


def _short(value: object) -> str:
    text = "nothing" if value is None else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}..."  # noqa: PLR2004  # as much as reads well in a line


def _only_for_fuzzing(found: Mapping[str, Any], document: Mapping[str, Any]) -> bool:
    """Whether only a bound changed that is not promised: named in `x-fuzzing-bounds`, or a length without a rule."""
    keyword = found.get("property")
    if keyword not in _BOUNDS | _LENGTHS:
        return False
    side = "revision" if "revision" in found else "base"
    pointer = found[side]["pointer"]
    try:
        schema = follow(document, pointer.removesuffix(f"/{keyword}"))
    except LookupError:
        return False
    return keyword in schema.get("x-fuzzing-bounds", ()) or (keyword in _LENGTHS and "x-rule" not in schema)


def _subject(pointer: str) -> str:
    """Return what people call a place: `Stat.rem_ratio` of a schema, `GET /path` of an operation, or the last keys."""
    keys = parts(pointer)
    if keys[:2] == ["components", "schemas"] and len(keys) > 2:  # noqa: PLR2004  # the component's name is third
        fields = [keys[n + 1] for n, part in enumerate(keys[:-1]) if part == "properties" and n > 1]
        return ".".join([keys[2], *fields])
    if keys and keys[0] in ("paths", "webhooks") and len(keys) > 1:  # section, path, method
        return " ".join([*(method.upper() for method in keys[2:3]), keys[1]])
    return ".".join(keys[-2:]) if keys else "document"

"""What changed in the shape of a document: its schemas by Redocly, what surrounds the bodies by `operations`."""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sleeptalk_contract.contract.pointer import follow, parts
from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.diffing.change import Change, Impact
from sleeptalk_contract.diffing.equality import in_one_notation
from sleeptalk_contract.diffing.operations import Finding, operation_findings
from sleeptalk_contract.diffing.rules import without_rules
from sleeptalk_contract.node import redocly

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sleeptalk_contract.contract.document import Document

_BOUNDS: Final = frozenset({"maximum", "minimum", "exclusiveMaximum", "exclusiveMinimum", "maxItems", "minItems"})
_SECURITY: Final = re.compile(r"#(/(paths|webhooks)/[^/]+/[a-z]+)?/security(/|$)")
_RATED_OF_PARAMETERS: Final = (None, "name", "in", "required")  # None where one came or went
_LENGTHS: Final = frozenset({"maxLength", "minLength", "maxProperties", "minProperties"})


def document_changes(name: str, base: Document, revision: Document) -> Iterator[Change]:
    """Yield what changed between two versions of document `name`; conditions and rule ids are left out.

    Raises UsageError where Redocly cannot compare them.
    """
    old, new = without_rules(base.root), without_rules(revision.root)
    before, after, places = in_one_notation(old, new, new)
    for place in places:
        sentence = "The schema is written differently and admits the same values."
        yield Change(Impact.PATCH, "document", name, _subject(place), place, sentence, revision.line(place))
    ours = _around_bodies(old, new)
    for found in map(_left_to_redocly, _redocly(name, before, after)):
        side, version = ("revision", revision) if "revision" in found else ("base", base)
        pointer = found[side]["pointer"]
        finding = next((ours[key] for key in ((pointer, side), (pointer, "base")) if key in ours), None)
        verdicts = _verdicts(found)
        if finding is not None:
            if not found["verdicts"] or finding.impact > max(impact for impact, _ in verdicts):
                continue
            del ours[pointer, finding.side]
        line = version.line(pointer)
        for impact, sentence in verdicts:
            fair = Impact.PATCH if _only_for_fuzzing(found, version.root) else impact
            yield Change(fair, "document", name, _subject(pointer), pointer, sentence, line)
    for (place, side), finding in ours.items():
        line = (base if side == "base" else revision).line(place)
        yield Change(finding.impact, "document", name, _subject(place), place, finding.sentence, line)


def _around_bodies(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[tuple[str, str], Finding]:
    """Return what changed around the bodies by place and side, the worst where operations share a place.

    Redocly rates a webhook there like a path, although its sides are exchanged.
    """
    found: dict[tuple[str, str], Finding] = {}
    for finding in operation_findings(old, new):
        key = finding.place, finding.side
        if key not in found or finding.impact > found[key].impact:
            found[key] = finding
    return found


def _left_to_redocly(found: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a change without Redocly's rating where it does not see what an operation inherits from around it."""
    pointer = found["revision" if "revision" in found else "base"]["pointer"]
    security = _SECURITY.match(pointer)
    listed = found["typeName"] in ("Parameter", "ParameterList") and found.get("property") in _RATED_OF_PARAMETERS
    if "/callbacks/" in pointer or not (security or listed):
        return found
    return {**found, "verdicts": [], "impact": "patch"}


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

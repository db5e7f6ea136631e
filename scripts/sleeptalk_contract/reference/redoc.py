"""Render a document with Redoc as one page that loads nothing from the network."""

from __future__ import annotations

import json
import tempfile
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sleeptalk_contract.contract.pointer import follow, with_whole_schemas
from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.node import redocly

if TYPE_CHECKING:
    from sleeptalk_contract.contract.operation import Operation
    from sleeptalk_contract.reference.published import Published

_LOGOS: Final = tuple(f"https://cdn.redoc.ly/redoc/logo-mini{kind}.svg" for kind in ("-full", ""))
_EMPTY_PICTURE: Final = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='1' height='1'/%3E"
_POLICY: Final = (
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval' blob:; worker-src blob:; style-src 'unsafe-inline';"
    " img-src data:; font-src data:; connect-src blob: data:; base-uri 'none'; form-action 'none'"
)
_HEAD: Final = (
    f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n  <link rel="icon" href="data:,">\n'
    '  <meta name="referrer" content="no-referrer">\n'
)


def redoc_page(part: Published) -> str:
    """Return the HTML page of a document. Raises UsageError where Redocly fails."""
    title = f"--title={part.title} · Sleeptalk reference"
    with tempfile.TemporaryDirectory() as folder:
        source, page = Path(folder) / f"{part.name}.json", Path(folder) / f"{part.name}.html"
        source.write_text(json.dumps(shown(part)), encoding="utf-8")
        run = redocly("build-docs", source, "--inlineBundle", f"--output={page}", title)
        if run.returncode != 0 or not page.is_file():
            reason = " ".join((run.stderr or run.stdout).split())[:300]
            raise UsageError(f"Redocly could not render {part.document.label}: {reason}")
        html = page.read_text(encoding="utf-8")
    return _closed(html)


def shown(part: Published) -> dict[str, Any]:
    """Return the document as Redoc shows it: rules as links, conditions as sentences, an example on each operation."""
    read = deepcopy(with_whole_schemas(part.document.root))
    read["info"]["description"] = f"{_links(part.name)}\n\n{read['info'].get('description', '')}"
    for schema in read.get("components", {}).get("schemas", {}).values():
        _write_rules(part, schema)
    for operation in part.document.operations.values():
        _complete(part, operation, follow(read, operation.pointer))
    return read


def _links(name: str) -> str:
    return (
        f"[All pages](index.html) · [Fields](fields-{name}.html) · [Rules](rules.html) ·"
        f" Download [YAML]({name}.yaml) or [JSON]({name}.json)"
    )


def _complete(part: Published, operation: Operation, written: dict[str, Any]) -> None:
    """Add the Python example and the rules to the description of an operation."""
    lines = [written.get("description", "").rstrip()]
    snippet = part.service.snippets.get(operation.id)
    if snippet is not None:
        lines += ["", "**In Python**", "", f"```python\n{snippet.rstrip()}\n```"]
    rules = [rule for group in part.groups_about(operation) for rule in group.rules]
    if rules:
        lines += ["", f"<details><summary>The {len(rules)} rules of this operation</summary>", ""]
        lines += [f"- {_link(part, rule.id)} ({rule.level}): {rule.sentence}" for rule in rules]
        lines += ["", "</details>"]
    written["description"] = "\n".join(lines)


def _write_rules(part: Published, schema: Any) -> None:
    """Turn the rule ids and conditions inside a schema into sentences of its description."""
    if isinstance(schema, list):
        for item in schema:
            _write_rules(part, item)
    if not isinstance(schema, dict):
        return
    written = [schema.get("description", "").rstrip()]
    x_rule = schema.pop("x-rule", None)
    if isinstance(x_rule, str):
        written.append(f"Rule: {_rule_links(part, x_rule)}")
    schema.pop("x-fuzzing-bounds", None)
    members = schema.get("allOf", [])
    conditions = [member for member in members if isinstance(member, dict) and "if" in member]
    written += [f"- {each['description']} ({_rule_links(part, each['x-rule'])})" for each in conditions]
    rest = [member for member in members if member not in conditions]
    schema.pop("allOf", None)
    if rest:
        schema["allOf"] = rest
    text = _joined(written)
    if text and isinstance(x_rule, str) | bool(conditions):
        schema["description"] = text
    for key, value in schema.items():
        if key not in ("examples", "example", "enum", "const", "default"):
            _write_rules(part, value)


def _rule_links(part: Published, x_rule: str) -> str:
    return " ".join(_link(part, rule.id) for rule in part.rules_meant(x_rule))


def _joined(parts: list[str]) -> str:
    """Join sentences with empty lines, the points of a list with single ones."""
    text = ""
    for part in filter(None, parts):
        between = "\n" if part.startswith("- ") and text.rpartition("\n")[2].startswith("- ") else "\n\n"
        text = f"{text}{between}{part}" if text else part
    return text


def _link(part: Published, rule: str) -> str:
    return f"[`{rule}`](rules.html#{part.anchor(rule)})"


def _closed(html: str) -> str:
    """Take out the one picture that the page would fetch, and forbid the browser to fetch anything."""
    if any(html.count(logo) != 1 for logo in _LOGOS) or "<head>\n" not in html[:100]:
        raise UsageError("Redocly now writes pages with another head or logo: adapt this function to them.")
    for logo in _LOGOS:
        html = html.replace(logo, _EMPTY_PICTURE)
    return html.replace("<head>\n", f"<head>\n  {_HEAD}", 1)

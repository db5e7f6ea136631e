"""Renders a document with Redoc into one page that asks nothing of the network."""

from __future__ import annotations

import json
import tempfile
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sleeptalk_contract.contract.catalogue import rules_of
from sleeptalk_contract.contract.documents import document
from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.node import redocly
from sleeptalk_contract.reference.samples import SNIPPETS, sample

if TYPE_CHECKING:
    from collections.abc import Mapping

_GROUPS: Final = {
    "getSession": ("session",),
    "receiveCallback": ("callback", "receiver"),
    "getTimeAnalysis": ("analysis",),
}
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


def redoc_page(name: str, title: str) -> str:
    """Give the HTML page of document "asleep" or "phonexia". Raises UsageError where Redocly fails."""
    with tempfile.TemporaryDirectory() as folder:
        source, page = Path(folder) / f"{name}.json", Path(folder) / f"{name}.html"
        source.write_text(json.dumps(shown(name)), encoding="utf-8")
        run = redocly("build-docs", source, "--inlineBundle", f"--output={page}", f"--title={title}")
        if run.returncode != 0 or not page.is_file():
            raise UsageError(f"Redocly could not render {name}: {' '.join((run.stderr or run.stdout).split())[:300]}")
        html = page.read_text(encoding="utf-8")
    return _closed(html)


def shown(name: str) -> dict[str, Any]:
    """Give the document as Redoc shows it: rules as links, conditions as sentences, an example on each operation."""
    read = deepcopy(dict(document(name)))
    read["info"]["description"] = f"{_links(name)}\n\n{read['info']['description']}"
    for schema in read["components"]["schemas"].values():
        _write_rules(schema)
    for section in ("paths", "webhooks"):
        for item in read.get(section, {}).values():
            for operation in item.values():
                if isinstance(operation, dict) and operation.get("operationId") in SNIPPETS:
                    _complete(operation)
    return read


def _links(name: str) -> str:
    return (
        f"[All pages](index.html) · [Fields](fields-{name}.html) · [Rules](rules.html) ·"
        f" Download [YAML]({name}.yaml) or [JSON]({name}.json)"
    )


def _complete(operation: dict[str, Any]) -> None:
    """Add the Python example and the rules to the description of an operation."""
    identity = operation["operationId"]
    rules = rules_of(*_GROUPS[identity])
    operation["description"] = "\n".join(
        [
            operation["description"].rstrip(),
            "",
            "**In Python**",
            "",
            f"```python\n{sample(identity).rstrip()}\n```",
            "",
            f"<details><summary>The {len(rules)} rules of this operation</summary>",
            "",
            *(f"- {_link(rule.id)} ({rule.level}): {rule.sentence}" for rule in rules),
            "",
            "</details>",
        ]
    )


def _write_rules(schema: Any) -> None:
    """Turn the rule ids and conditions inside a schema into sentences of its description."""
    if isinstance(schema, list):
        for item in schema:
            _write_rules(item)
    if not isinstance(schema, dict):
        return
    written = [schema.get("description", "").rstrip()]
    rule = schema.pop("x-rule", None)
    if isinstance(rule, str):
        written.append(f"Rule: {_link(rule)}")
    schema.pop("x-fuzzing-bounds", None)
    members = schema.get("allOf", [])
    conditions = [member for member in members if isinstance(member, dict) and "if" in member]
    written += [f"- {condition['description']} ({_link(condition['x-rule'])})" for condition in conditions]
    rest = [member for member in members if member not in conditions]
    schema.pop("allOf", None)
    if rest:
        schema["allOf"] = rest
    text = _joined(written)
    if text and isinstance(rule, str) | bool(conditions):
        schema["description"] = text
    for key, value in schema.items():
        if key not in ("examples", "example", "enum", "const", "default"):
            _write_rules(value)


def _joined(parts: list[str]) -> str:
    """Join sentences with empty lines, the points of a list with single ones."""
    text = ""
    for part in filter(None, parts):
        between = "\n" if part.startswith("- ") and text.rpartition("\n")[2].startswith("- ") else "\n\n"
        text = f"{text}{between}{part}" if text else part
    return text


def _link(rule: str) -> str:
    return f"[`{rule}`](rules.html#{rule})"


def _closed(html: str) -> str:
    """Take out the one picture that the page would fetch, and forbid the browser to fetch anything."""
    if any(html.count(logo) != 1 for logo in _LOGOS) or "<head>\n" not in html[:100]:
        raise UsageError("The page that Redocly wrote is not as known: look at its head and its logo again.")
    for logo in _LOGOS:
        html = html.replace(logo, _EMPTY_PICTURE)
    return html.replace("<head>\n", f"<head>\n  {_HEAD}", 1)


def operations(name: str) -> Mapping[str, str]:
    """Give the address of each operation on the Redoc page of a document, by operationId."""
    found: dict[str, str] = {}
    for section in ("paths", "webhooks"):
        for item in document(name).get(section, {}).values():
            for operation in item.values():
                if isinstance(operation, dict) and "operationId" in operation:
                    tag = operation["tags"][0].lower().replace(" ", "-")
                    found[operation["operationId"]] = f"{name}.html#/{tag}/{operation['operationId'].lower()}"
    return found

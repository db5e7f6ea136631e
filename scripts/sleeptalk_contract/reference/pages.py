"""The pages of the site other than Redoc's, from templates."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from importlib import resources
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

import jinja2

from sleeptalk_contract.contract.catalogue import Group, Rule, catalogue, catalogue_of
from sleeptalk_contract.contract.documents import DOCUMENTS, document
from sleeptalk_contract.reference.fields import Schema, mentions, places, schemas
from sleeptalk_contract.reference.markdown import inline, linked, markdown
from sleeptalk_contract.reference.pictures import pictures
from sleeptalk_contract.reference.redoc import operations
from sleeptalk_contract.reference.samples import sample

if TYPE_CHECKING:
    from collections.abc import Mapping

PAGES: Final = (
    ("asleep.html", "Asleep"),
    ("phonexia.html", "Phonexia"),
    ("fields-asleep.html", "Asleep fields"),
    ("fields-phonexia.html", "Phonexia fields"),
    ("rules.html", "Rules"),
    ("languages.html", "Languages"),
    ("changelog.html", "Changelog"),
)
_OPERATIONS: Final = {
    "session": "getSession",
    "callback": "receiveCallback",
    "receiver": "receiveCallback",
    "analysis": "getTimeAnalysis",
}


@dataclass(frozen=True, slots=True)
class ShownGroup:
    """The rules of one group, each with its places and the fields that it only mentions: (document, schema, field)."""

    group: Group
    address: str
    rules: tuple[tuple[Rule, tuple[tuple[str, str, str | None], ...], list[tuple[str, str, str]]], ...]


def pages(changelog: str) -> Mapping[str, str]:
    """Give the HTML of each page by its file name; `changelog` is Markdown."""
    shown = {name: schemas(name) for name in DOCUMENTS}
    addresses = {identity: address for name in DOCUMENTS for identity, address in operations(name).items()}
    environment = _environment(_index(shown, addresses))
    languages = resources.files("sleeptalk_contract.reference").joinpath("languages.md").read_text(encoding="utf-8")
    titles = {name: document(name)["info"]["title"] for name in DOCUMENTS}

    def page(name: str, template: str, title: str, **values: Any) -> str:
        return environment.get_template(f"{template}.html.jinja").render(page=name, title=title, **values)

    made = {
        "index.html": page(
            "index.html",
            "index",
            "Start",
            count=len(catalogue()),
            operations=addresses,
            pictures=pictures(),
            sample=sample("getSession"),
            documents=titles.items(),
        ),
        "rules.html": page("rules.html", "rules", "Rules", count=len(catalogue()), groups=_groups(shown, addresses)),
        "languages.html": page("languages.html", "text", "Other languages", text=languages),
        "changelog.html": page("changelog.html", "text", "Changelog", text=changelog),
    }
    for name, found in shown.items():
        file = f"fields-{name}.html"
        made[file] = page(
            file, "fields", f"Fields: {titles[name]}", document=name, schemas=found, mentioned=_mentioned(name, shown)
        )
    return made


def _groups(shown: Mapping[str, list[Schema]], addresses: Mapping[str, str]) -> list[ShownGroup]:
    found = []
    for group in (group for name in DOCUMENTS for group in catalogue_of(name).groups.values()):
        rules = tuple((rule, tuple(places(rule.id, shown)), mentions(rule, shown)) for rule in group.rules)
        found.append(ShownGroup(group, addresses[_OPERATIONS[group.name]], rules))
    return found


def _mentioned(name: str, shown: Mapping[str, list[Schema]]) -> Mapping[tuple[str, str], list[str]]:
    """List the rules that mention each field of a document, by (schema, field)."""
    found: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for rule in catalogue().values():
        for document_name, schema, field in mentions(rule, shown):
            if document_name == name:
                found[schema, field].append(rule.id)
    return found


def _index(shown: Mapping[str, list[Schema]], addresses: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """List what the search finds: (name, what it is, address)."""
    found = [(identity, "operation", address) for identity, address in addresses.items()]
    found += [(rule.id, f"rule: {rule.sentence}", f"rules.html#{rule.id}") for rule in catalogue().values()]
    for name, all_schemas in shown.items():
        for schema in all_schemas:
            found.append((schema.name, f"schema of {name}", f"fields-{name}.html#{schema.name}"))
            found += [
                (f"{schema.name}.{field.name}", f"field of {name}", f"fields-{name}.html#{schema.name}.{field.name}")
                for field in schema.fields
            ]
    return found


def _environment(index: list[tuple[str, str, str]]) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("sleeptalk_contract.reference"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"markdown": markdown, "inline": inline, "linked": linked}
    folder = resources.files("sleeptalk_contract.reference").joinpath("templates")
    environment.globals |= {
        "pages": PAGES,
        "index": index,
        "version": version("sleeptalk"),
        "style": folder.joinpath("site.css").read_text(encoding="utf-8"),
        "script": folder.joinpath("site.js").read_text(encoding="utf-8"),
    }
    return environment

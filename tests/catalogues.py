"""The rules of all documents of the project together."""

from collections.abc import Mapping
from functools import cache

from sleeptalk_contract.contract.catalogue import Rule, catalogue_of
from sleeptalk_contract.contract.document import document_paths


@cache
def catalogue() -> Mapping[str, Rule]:
    """Return the rules of every document by id; of a group that several documents have, those of the first."""
    found: dict[str, Rule] = {}
    for path in sorted(document_paths(), key=lambda path: path.stem):
        groups = {rule.group for rule in found.values()}
        rules = catalogue_of(path.stem).rules
        found |= {identity: rule for identity, rule in rules.items() if rule.group not in groups}
    return found


def rules_of(*groups: str) -> tuple[Rule, ...]:
    """Return the rules of the named groups, in the catalogues' order."""
    return tuple(rule for rule in catalogue().values() if rule.group in groups)

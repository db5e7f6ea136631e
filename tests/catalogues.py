"""The rules of all documents of the project together."""

from collections.abc import Mapping
from functools import cache

from sleeptalk_contract.contract.catalogue import Rule, catalogue_of
from sleeptalk_contract.contract.document import document_paths


@cache
def catalogue() -> Mapping[str, Rule]:
    """Return the rules of every document by id."""
    catalogues = [catalogue_of(path.stem) for path in document_paths()]
    return {identity: rule for each in catalogues for identity, rule in each.rules.items()}


def rules_of(*groups: str) -> tuple[Rule, ...]:
    """Return the rules of the named groups, in the catalogues' order."""
    return tuple(rule for rule in catalogue().values() if rule.group in groups)

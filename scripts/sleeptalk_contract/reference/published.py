"""One service as the reference shows it: its document, its catalogue, and where its pages are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from sleeptalk_contract.contract.catalogue import Catalogue, parse_catalogue, rules_meant
from sleeptalk_contract.contract.document import Document

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sleeptalk_contract.contract.catalogue import Group, Rule
    from sleeptalk_contract.contract.operation import Operation
    from sleeptalk_contract.contract.service import RuleGroup, Service


@dataclass(frozen=True)
class Published:
    """A service with its document and its catalogue, and the texts of the two by the names of their downloads.

    `shared` are the groups of rules that a service before it has, too, which has the plain addresses of those rules.
    """

    service: Service
    document: Document
    catalogue: Catalogue
    files: Mapping[str, str]
    shared: frozenset[str] = frozenset()

    @classmethod
    def of(cls, service: Service, shared: Collection[str] = ()) -> Published:
        """Read what belongs to a service. Raises UsageError where its document or its catalogue cannot be used."""
        document = Document.read(service.document).checked()
        rules = Document.read(service.document.parent / "rules" / service.document.name)
        files = {f"{service.name}.yaml": document.text, f"rules-{service.name}.yaml": rules.text}
        return cls(service, document, parse_catalogue(rules), files, frozenset(shared))

    @property
    def name(self) -> str:
        """What the names of its files begin with."""
        return self.service.name

    @property
    def title(self) -> str:
        """The title of its document."""
        return str(self.document.root["info"]["title"])

    @property
    def summary(self) -> str:
        """What its document describes, in a sentence; "" where the document does not say."""
        return str(self.document.root["info"].get("summary", ""))

    @cached_property
    def rule_groups(self) -> Mapping[str, RuleGroup]:
        """The groups of rules of its targets, by name."""
        return {group.name: group for target in self.service.targets for group in target.groups}

    @cached_property
    def expected(self) -> frozenset[str]:
        """The values of credentials that the sandbox expects."""
        made = [target.implementation({}) for target in self.service.targets if target.implementation is not None]
        return frozenset(value for each in made for value in each.credentials.values())

    def groups_about(self, operation: Operation) -> list[Group]:
        """Return the groups of the catalogue that are about an operation."""
        return [
            group
            for group in self.catalogue.groups.values()
            if group.name in self.rule_groups and operation.id in self.rule_groups[group.name].operations
        ]

    def rules_about(self, operation: Operation) -> list[Rule]:
        """Return the rules of those groups that are about an operation."""
        groups = self.groups_about(operation)
        return [rule for group in groups for rule in group.rules if rule.is_about(operation.id)]

    def rules_meant(self, x_rule: str) -> list[Rule]:
        """Return the rules that an `x-rule` means: one, or one of each group where groups share the schema."""
        return rules_meant(x_rule, self.catalogue.rules)

    def anchor(self, rule: str) -> str:
        """Return the name of a rule, or of a group of rules, within the page of rules."""
        return f"{self.name}:{rule}" if rule.partition(".")[0] in self.shared else rule

    def address(self, operation: Operation) -> str:
        """Return the address of the page of an operation: its operationId, without what is not of a file's name."""
        return f"{self.name}-{re.sub(r'[^A-Za-z0-9_.-]', '-', operation.id)}.html"

"""Nothing outside `services/` names a service, a target, a group of rules, an operation or a rule."""

import re

import pytest

from sleeptalk_contract.services.registered import SERVICES
from tests.architecture.source import TOOLS, modules, strings

TARGETS = [target for service in SERVICES for target in service.targets]
OPERATIONS = {operation.id for target in TARGETS for operation in target.operations}
ROLES = {target.role_of(group.name) for target in TARGETS for group in target.groups}
NAMES = {
    *(service.name for service in SERVICES),
    *(target.name for target in TARGETS),
    *(group.name for target in TARGETS for group in target.groups),
} - ROLES
"""What a string may not be. A role is a word of the engine, whatever a group is called."""

SERVICES_BY_NAME = re.compile(rf"\b({'|'.join(service.name for service in SERVICES)})\b", re.IGNORECASE)
RULES = {rule for target in TARGETS for rule in target.rules}

ENGINE = [module for module in modules() if module.startswith(TOOLS) and f"{TOOLS}.services" not in module]


def named(text: str) -> bool:
    """Whether a string names something that only its service may know."""
    return text in NAMES | OPERATIONS | RULES or SERVICES_BY_NAME.search(text) is not None


@pytest.mark.parametrize("module", ENGINE)
def test_no_string_names_a_service_or_a_part_of_one(module: str) -> None:
    assert [(line, text) for line, text in strings(module) if named(text)] == []


def test_a_name_is_found() -> None:
    for text in ("asleep", "The sandbox of Asleep", "callback", "getSession", "session.shape"):
        assert named(text)
    for text in ("receiver", "a session is over", "callbacks"):
        assert not named(text)

"""The targets of the registered services, by the names that the command line has for them."""

from sleeptalk_contract.contract.service import Target
from sleeptalk_contract.services.registered import SERVICES


def target_named(name: str) -> Target:
    return next(target for service in SERVICES for target in service.targets if target.name == name)

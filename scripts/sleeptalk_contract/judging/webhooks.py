"""Which webhook a delivery is meant for: the one whose schema it breaks least."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sleeptalk_contract.contract.bodies import read_body
from sleeptalk_contract.contract.exchange import NOT_JSON
from sleeptalk_contract.judging.schema import request_judge

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sleeptalk_contract.contract.bodies import ReadBody
    from sleeptalk_contract.contract.operation import Operation
    from sleeptalk_contract.contract.service import Target
    from sleeptalk_contract.judging.schema import SchemaJudge


def webhook_judges(target: Target) -> list[tuple[Operation, SchemaJudge | None]]:
    """Return the webhooks of a target, each with the judge of its bodies; None where the document has no schema."""
    group = target.groups[0].name
    return [(each, request_judge(each, group)) for each in target.operations if each.is_webhook]


def webhook_meant(target: Target, body: bytes) -> Operation:
    """Return the webhook of a target that a body is meant for: of several the one whose schema it breaks least.

    Raises LookupError for a target without webhooks.
    """
    webhooks = webhook_judges(target)
    if not webhooks:
        raise LookupError(f"{target.name} has no webhook")
    if len(webhooks) == 1:
        return webhooks[0][0]
    read = read_body(body)
    return min(webhooks, key=lambda each: _errors(each[1], read))[0]


def distance(target: Target, body: ReadBody) -> int:
    """Return how far a body is from what a target is sent, with the webhook that it is nearest to."""
    return min((_errors(judge, body) for _, judge in webhook_judges(target)), default=0)


def target_meant(target: Target, others: Iterable[Target], body: bytes) -> Target | None:
    """Return the other target whose schema a body keeps, where it breaks that of the target; None without one."""
    read = read_body(body)
    if read.value is NOT_JSON or distance(target, read) == 0:
        return None
    return next((each for each in others if each is not target and distance(each, read) == 0), None)


def _errors(judge: SchemaJudge | None, body: ReadBody) -> int:
    return 0 if judge is None or body.value is NOT_JSON else judge.distance(body)

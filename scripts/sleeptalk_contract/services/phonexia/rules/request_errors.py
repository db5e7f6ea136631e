"""The body of a request error, judged whatever the status that it comes with."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from sleeptalk_contract.contract.catalogue import catalogue_of
from sleeptalk_contract.contract.exchange import NOT_JSON, why_not_json
from sleeptalk_contract.judging.schema import RuleNames, SchemaJudge

if TYPE_CHECKING:
    from sleeptalk_contract.contract.document import Document
    from sleeptalk_contract.judging.case import Case


def why_no_request_error(case: Case) -> tuple[str, str] | None:
    """Return where and why the body of an answer is not a request error; None where it is one."""
    if case.exchange.response_json is NOT_JSON:
        return "", f"is not a request error: it {why_not_json(case.exchange.response_body)}"
    found = _judge(case.operation.document).judge(case.exchange.response_json).breaches
    broken = [breach for breach in found if breach.rule == "analysis.shape"]  # the others are rules of their own
    return (broken[0].location, f"is not a request error: {broken[0].message}") if broken else None


@cache
def _judge(document: Document) -> SchemaJudge:
    return SchemaJudge(document.schema("RequestError"), RuleNames(catalogue_of(document.name), "analysis"))

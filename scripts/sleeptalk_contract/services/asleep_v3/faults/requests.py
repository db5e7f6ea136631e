"""The faults about every request that the groups of data v3 have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sleeptalk_contract.contract.service import Fault
from sleeptalk_contract.sandbox.faults import answered, cut_off, trusting, when, with_status
from sleeptalk_contract.services.asleep_v3.faults.places import limited

if TYPE_CHECKING:
    from collections.abc import Callable

    from sleeptalk_contract.sandbox.answers import Answer, Request


def common_faults(group: str, condition: Callable[[Request, Answer], bool], *, has_user: bool) -> tuple[Fault, ...]:
    """Return the faults of a group about keys, users and statuses, at the requests that a condition picks."""
    found = [
        Fault(
            f"{group}.api-key-required",
            "any",
            "accepts every key, and none",
            when(answered(401), trusting("x-api-key")),
        ),
        Fault(
            f"{group}.error-detail-string",
            "list",
            "answers a wrong key with a list as detail",
            when(answered(401), _with_detail([{"msg": "Unauthorized"}])),
        ),
        Fault(f"{group}.no-server-error", "key", "fails on a wrong key", when(answered(401), with_status(500))),
        Fault(f"{group}.no-server-error", "dropped", "drops the connection of a refusal", when(answered(401), cut_off)),
        Fault(f"{group}.documented-status", "203", "answers a success with 203", when(answered(200, 204), _as_203)),
    ]
    if has_user:
        found.append(
            Fault(
                f"{group}.user-id-required",
                "accepted",
                "accepts a missing user id",
                when(lambda request, _answer: not request.headers.get("x-user-id"), trusting("x-user-id")),
            )
        )
    return tuple(limited(fault, condition) for fault in found)


def _as_203(_request: Request, answer: Answer) -> Answer:
    answer.status = 203
    return answer


def _with_detail(detail: Any) -> Callable[[Request, Answer], Answer]:
    def apply(_request: Request, answer: Answer) -> Answer:
        answer.body = {"detail": detail}
        return answer

    return apply

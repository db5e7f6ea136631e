"""Callbacks of V2 and V3: how they are made, and the targets "callback-v2" and "callback-v3"."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from sleeptalk_contract.contract.document import folder
from sleeptalk_contract.services.asleep.callback_target import callback_target
from sleeptalk_contract.services.asleep.callbacks import CallbackFormat
from sleeptalk_contract.services.asleep_v3.rules import callback
from sleeptalk_contract.services.asleep_v3.sandbox import deliveries
from sleeptalk_contract.services.asleep_v3.sandbox.nights import SCENARIOS, Night

if TYPE_CHECKING:
    from collections.abc import Callable

    from sleeptalk_contract.contract.service import Delivery
    from sleeptalk_contract.services.asleep.sandbox.nights import SandboxNight

_DOCUMENT: Final = folder() / "asleep-v3.yaml"
_SCHEMAS: Final = ("SessionResult", "Session", "Stat")
_OPTIONAL: Final = frozenset(
    {
        "snoring_stages",
        "unexpected_end_time",
        "sleep_cycle",
        "sleep_cycle_time",
        "unstable_breath_count",
        "snoring_count",
    }
)


def _delivering(deliver: Callable[..., list[Delivery]]) -> Callable[..., list[Delivery]]:
    """Return how a night as data v2 has it is delivered, with what data v3 knows of the same scenario."""

    def delivering(night: SandboxNight, **given: Any) -> list[Delivery]:
        known = SCENARIOS.get(night.name)
        return deliver(Night(recorded=night) if known is None else replace(known, recorded=night), **given)

    return delivering


V2: Final = CallbackFormat(
    version="V2",
    operation="receiveCallbackV2",
    nights={name: night.recorded for name, night in SCENARIOS.items()},
    deliver=_delivering(deliveries.deliveries_v2),
    objects=(
        (),
        ("callback_data",),
        ("callback_data", "sleep_data"),
        ("callback_data", "sleep_data", "session"),
        ("callback_data", "sleep_data", "stat"),
    ),
    optional=_OPTIONAL,
    other_forms=deliveries.other_forms_v2,
)
"""How callbacks of V2 are made."""

V3: Final = CallbackFormat(
    version="V3",
    operation="receiveCallbackV3",
    nights=V2.nights,
    deliver=_delivering(deliveries.deliveries_v3),
    objects=((), ("data",), ("data", "session"), ("data", "stat")),
    optional=_OPTIONAL,
    other_forms=deliveries.other_forms_v3,
)
"""How callbacks of V3 are made."""

TARGETS: Final = (
    callback_target(
        "callback-v2",
        _DOCUMENT,
        V2,
        callback.CHECKS,
        ("InferenceCompleteDataV2", "SessionCompleteDataV2", *_SCHEMAS),
    ),
    callback_target(
        "callback-v3",
        _DOCUMENT,
        V3,
        callback.CHECKS,
        ("InferenceCompleteDataV3", "SessionCompleteDataV3", *_SCHEMAS),
    ),
)

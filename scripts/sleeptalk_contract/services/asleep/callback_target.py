"""The target of one version of callbacks: their receivers are judged by `fuzz`, their senders by `listen`."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from sleeptalk_contract.contract.service import Claim, Credential, RuleGroup, Scenario, Target
from sleeptalk_contract.services.asleep.callbacks import about_a_new_session, event_named, event_of, session_named
from sleeptalk_contract.services.asleep.probes.receiver import honest_callbacks, receiver_probes
from sleeptalk_contract.services.asleep.rules import receiver
from sleeptalk_contract.services.asleep.sandbox.nights import DEFAULT_TIMEZONE, SANDBOX_API_KEY, SANDBOX_USER_ID
from sleeptalk_contract.services.asleep.sandbox.receiver import AsleepReceiver

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sleeptalk_contract.contract.exchange import Exchange, Knowledge
    from sleeptalk_contract.contract.service import Delivery
    from sleeptalk_contract.judging.case import Checks
    from sleeptalk_contract.services.asleep.callbacks import CallbackFormat

USER_ID: Final = Credential(
    "x-user-id", "--user-id", "ASLEEP_USER_ID", secret=False, meaning="The user who owns the sessions"
)


def callback_target(
    name: str, document: Path, written: CallbackFormat, sender: Checks, schemas: tuple[str, ...]
) -> Target:
    """Return the target of a version.

    `written` is how its callbacks are made, `sender` has the rule functions about them, and `schemas` are those whose
    fields their rules name.
    """

    def deliveries(
        credentials: Mapping[str, str], faults: Sequence[Any] = (), timezone: str = DEFAULT_TIMEZONE
    ) -> dict[str, Sequence[Delivery]]:
        key, user_id = credentials.get("x-api-key", SANDBOX_API_KEY), credentials.get("x-user-id", SANDBOX_USER_ID)
        return {
            scenario: written.deliver(replace(night, user_id=user_id), api_key=key, timezone=timezone, faults=faults)
            for scenario, night in written.nights.items()
        }

    def bodies(knowledge: Knowledge) -> Mapping[str, Any]:
        from sleeptalk_contract.services.asleep.strategies import callback_bodies  # noqa: PLC0415  # brings Hypothesis

        return {written.operation: callback_bodies(written, knowledge.credentials.get("x-user-id", "user"))}

    return Target(
        name=name,
        summary=f"A receiver of Asleep's callbacks, {written.version}.",
        document=document,
        groups=(
            RuleGroup("receiver", (written.operation,), receiver.checks_of_receivers(sender)),
            RuleGroup("callback", (written.operation,), sender, schemas),
        ),
        credentials=(Credential("x-api-key", "--api-key", "SLEEPTALK_CALLBACK_KEY", secret=True), USER_ID),
        claims=(
            Claim(
                receiver.SLOW_HANDLER,
                f"The receiver's handler takes longer than {receiver.DEADLINE:g} s: it must answer before that",
            ),
        ),
        probes=lambda knowledge, _ids: receiver_probes(knowledge, written),
        honest_probes=lambda knowledge: honest_callbacks(knowledge, written),
        renewed=about_a_new_session,
        formats=formats,
        bodies=bodies,
        implementation=partial(AsleepReceiver, service=document.stem, operation=written.operation),
        scenarios=tuple(Scenario(night.name, night.summary, written.operation) for night in written.nights.values()),
        deliveries=deliveries,
        version=written.version,
        state=lambda exchange: event_named(exchange.request_json) or "-",
        lane=lambda _headers, body: session_named(body) or "",
        caption=_caption,
    )


def formats() -> Mapping[str, Any]:
    """Return the string formats of the documents that JSON Schema leaves open."""
    from sleeptalk_contract.services.asleep.strategies import FORMATS  # noqa: PLC0415  # brings Hypothesis

    return FORMATS


def _caption(exchange: Exchange) -> str:
    event, found = event_named(exchange.request_json) or "-", event_of(exchange.request_json)
    return event if found is None or found.session_id is None else f"{event} of {found.session_id}"

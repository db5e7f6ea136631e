"""The rules about callbacks of V2 and V3: those of V1 that hold for all, and those about the nights of data v3.

Source: Webhook; Callback (V2).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sleeptalk_contract.judging.case import Checks, of_body
from sleeptalk_contract.services.asleep.callbacks import INFERENCE_COMPLETE, event_of
from sleeptalk_contract.services.asleep.rules import callback as callback_v1
from sleeptalk_contract.services.asleep.rules.events import checks_of_events
from sleeptalk_contract.services.asleep.rules.night import JudgedNight
from sleeptalk_contract.services.asleep.rules.night_arithmetic import checks_of
from sleeptalk_contract.services.asleep_v3.rules.night_arithmetic import ADDED

if TYPE_CHECKING:
    from sleeptalk_contract.judging.case import Breaches, Case

_LISTS: Final = ("sleep_stages", "stage_list", "breath_stages", "snoring_stages")
_SHARED: Final = ("callback.json-body", "callback.api-key-header", "callback.user-id-header")


def delivered(case: Case) -> JudgedNight | None:
    """Return the night in a SESSION_COMPLETE; None where there is none."""
    body = case.delivery

    def found() -> JudgedNight | None:
        event = event_of(body.exact)
        if event is None or not event.session:
            return None
        return JudgedNight.of_result(event.result, event.session, event.result_at)

    return body.once("delivered night of data v3", found)


CHECKS: Final = Checks()
CHECKS.update({name: callback_v1.CHECKS[name] for name in _SHARED})
CHECKS.update(checks_of("callback", delivered))
CHECKS.update(checks_of("callback", delivered, ADDED))
CHECKS.update(checks_of_events(event_of))


@CHECKS.rule("callback.session-id-consistent")
@of_body
def session_id_consistent(case: Case) -> Breaches:
    """A session_id beside the session of a SESSION_COMPLETE is its id; V3 has none."""
    found = event_of(case.delivered)
    inner = None if found is None else found.session.get("id")
    if found is None or not isinstance(inner, str):
        return None
    outer = found.data.get("session_id", inner)
    if not isinstance(outer, str):
        return None
    return [] if outer == inner else [(f"{found.result_at}session/id", f"is {inner!r}, not {outer!r}")]


@CHECKS.rule("callback.window-lists-alike")
@of_body
def window_lists_alike(case: Case) -> Breaches:
    """The lists of a window are equally long."""
    window = event_of(case.delivered)
    lists = {name: each for name in _LISTS if window and isinstance(each := window.data.get(name), list)}
    if window is None or window.event != INFERENCE_COMPLETE or len(lists) < 2:  # noqa: PLR2004  # one is as long as itself
        return None
    (first, stages), *others = lists.items()
    return [
        (f"{window.at}{name}", f"holds {len(each)} values, {first} {len(stages)}")
        for name, each in others
        if len(each) != len(stages)
    ]

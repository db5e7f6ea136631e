"""The session's rules of data v3: those of data v2, and what v3 adds. Source: Get Session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sleeptalk_contract.contract.exchange import text_in
from sleeptalk_contract.judging.case import Checks
from sleeptalk_contract.services.asleep.rules import night as nights
from sleeptalk_contract.services.asleep.rules import session, session_credentials, session_requests
from sleeptalk_contract.services.asleep.rules.night import instant
from sleeptalk_contract.services.asleep.rules.night_arithmetic import checks_of
from sleeptalk_contract.services.asleep_v3.rules.memory import Memory
from sleeptalk_contract.services.asleep_v3.rules.night_arithmetic import ADDED
from sleeptalk_contract.services.asleep_v3.rules.requests import is_authorised, is_judged, result

if TYPE_CHECKING:
    from sleeptalk_contract.judging.case import Breaches, Case

CHECKS: Final = Checks()
CHECKS.update(session.CHECKS)
CHECKS.update(checks_of("session", nights.answered, ADDED))
CHECKS.update(session_requests.CHECKS)
CHECKS.update(session_requests.checks_of_ids("session.malformed-id-refused", 400, 422))
CHECKS.update(session_credentials.CHECKS)

_STATES: Final = ("OPEN", "CLOSED", "COMPLETE")
_NOT_FOUND: Final = 404


@CHECKS.rule("session.agrees-with-list")
def agrees_with_list(case: Case) -> Breaches:
    """A session that was listed has the same start and zone when it is read, and has not gone back."""
    found = result(case)
    read = found.get("session") if isinstance(found, dict) else None
    listed = case.history.of(Memory).listed.get(case.identifier)
    if listed is None or not isinstance(read, dict):
        return None
    breaches = []
    starts = instant(listed.get("session_start_time")), instant(read.get("start_time"))
    if None not in starts and starts[0] != starts[1]:
        breaches.append(("/result/session/start_time", f"is {read['start_time']}, but the list says {starts[0]}"))
    zones = listed.get("created_timezone"), read.get("created_timezone")
    if None not in zones and zones[0] != zones[1]:
        breaches.append(("/result/session/created_timezone", f"is {zones[1]!r}, but the list says {zones[0]!r}"))
    before, now = listed.get("state"), read.get("state")
    if before in _STATES and now in _STATES and _STATES.index(now) < _STATES.index(before):
        breaches.append(("/result/session/state", f"is {now}, after the list has said {before}"))
    return breaches


@CHECKS.rule("session.deleted-404")
def deleted_404(case: Case) -> Breaches:
    """A session that was deleted is answered 404."""
    if case.identifier not in case.history.of(Memory).deleted_sessions or not is_judged(case):
        return None
    if not is_authorised(case) or text_in(case.error_body, "detail") == "The invalid timezone is provided":
        return None
    status = case.exchange.status
    return [] if status == _NOT_FOUND else [("status", f"is {status}, not 404, although the session was deleted")]

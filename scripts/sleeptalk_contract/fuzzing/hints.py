"""What would exercise a rule that was not exercised."""

from typing import Final

from sleeptalk_contract.contract.catalogue import Rule
from sleeptalk_contract.contract.exchange import Knowledge

_SESSIONS: Final = {  # what kind of session shows the rule; without an entry any session that is found does
    "session.end-time-null-while-open": "an OPEN session",
    "session.end-time-set-once-closed": "a CLOSED or COMPLETE session",
    "session.sleep-stages-set-once-closed": "a CLOSED or COMPLETE session",
    "session.stat-null-unless-complete": "an OPEN or CLOSED session",
    "session.stat-null-unless-valid": "a COMPLETE session that is not VALID",
    "session.stat-present-when-valid": "a COMPLETE and VALID session",
    "session.breathing-stats-null-without-breathing": "a COMPLETE session of a contract without breathing analysis",
    "session.stage-stats-null-together": "a COMPLETE session of a contract with two sleep stages",
    "session.never-slept-nulls": "a COMPLETE session in which nobody slept",
    "session.slept-stats-present": "a COMPLETE session in which somebody slept",
    "session.osa-stage-values": "a session of a contract with breathing analysis",
    "session.breathing-pattern-values": "a COMPLETE session of a contract with breathing analysis",
    "session.stage-times-sum-to-sleep": "a COMPLETE session of a contract with four sleep stages",
}
_COMPLETE: Final = frozenset(
    f"session.{name}"
    for name in (
        "duration-values",
        "ratio-values",
        "ratio-two-decimals",
        "sleep-period-arithmetic",
        "time-in-bed-is-end-minus-start",
        "efficiency-arithmetic",
        "sleep-and-wake-ratio-sum",
        "onset-and-wake-times",
        "ratios-follow-times",
        "wake-plus-sleep-is-period",
    )
)
_TASKS: Final = {
    "analysis.done-has-result": "a task that is done",
    "analysis.done-has-no-error": "a task that is done",
    "analysis.failure-has-error": "a task that failed or was rejected",
    "analysis.failure-has-no-result": "a task that failed or was rejected",
    "analysis.error-type-fits-state": "a task that failed or was rejected",
    "analysis.unfinished-has-neither": "a task that is pending or running",
    "analysis.no-reactions-with-a-silent-channel": "a task that is done, of a recording with a silent channel",
    "analysis.no-reactions-in-mono": "a task that is done, of a recording with one channel",
    "analysis.silence-has-no-rate": "a task that is done",
    "analysis.zero-reactions-zero-times": "a task that is done, of two speakers who never answer each other",
    "analysis.reaction-times-ordered": "a task that is done, of two speakers who answer each other",
    "analysis.positions-run-forward": "a task that is done, of two speakers who answer each other",
    "analysis.reacting-channel-exists": "a task that is done, of two speakers who answer each other",
    "analysis.speech-rate-positive-or-null": "a task that is done",
    "analysis.speech-within-total": "a task that is done",
    "analysis.count-values": "a task that is done",
    "analysis.time-values": "a task that is done",
}


_RECEIVER: Final = (  # without a key, with one
    "Give the key that the receiver expects with --api-key.",
    "No answer was about it: see what the receiver made of plain callbacks.",
)


def hint(rule: Rule, knowledge: Knowledge) -> str:
    """Say in one sentence which option or id would exercise a rule."""
    if rule.group == "callback":
        return "It is about what a sender delivers: judge one with `sleeptalk listen`."
    if rule.group == "receiver":
        return _RECEIVER[knowledge.api_key is not None]
    if rule.id == "analysis.rate-limit-429":
        return "No request was answered 429: name a task that is rate-limited with --task-id, or send more requests."
    if rule.where == "exchange":
        return _of_an_exchange(rule, knowledge)
    if rule.group == "analysis":
        return f"It takes {_TASKS.get(rule.id, 'a task that the implementation knows')}: name one with --task-id."
    default = "a COMPLETE and VALID session" if rule.id in _COMPLETE else "a session that the implementation knows"
    return f"It takes {_SESSIONS.get(rule.id, default)}: name one with --session-id{_credentials(knowledge)}."


def _of_an_exchange(rule: Rule, knowledge: Knowledge) -> str:
    if rule.group == "analysis":
        return "No answer was about it."
    known = "" if knowledge.known_ids else " and a known id with --session-id"
    if knowledge.api_key is None:
        return f"Give the key with --api-key, the user's id with --user-id{known}."
    if knowledge.user_id is None:
        return f"Give the user's id with --user-id{known}."
    return "Name a known id with --session-id." if not knowledge.known_ids else "No answer was about it."


def _credentials(knowledge: Knowledge) -> str:
    missing = [
        option
        for option, value in (("--api-key", knowledge.api_key), ("--user-id", knowledge.user_id))
        if value is None
    ]
    return f", with {' and '.join(missing)}" if missing else ""

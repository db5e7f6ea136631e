"""What would exercise a rule that was not exercised: the catalogue says what it takes, this adds the option."""

from typing import Final

from sleeptalk_contract.contract.catalogue import Rule
from sleeptalk_contract.contract.exchange import Knowledge

_KNOWN_ID: Final = {"session": "--session-id", "analysis": "--task-id"}
_NOTHING_SEEN: Final = "No answer was about it."


def hint(rule: Rule, knowledge: Knowledge) -> str:
    """Return a sentence: which option or id would exercise a rule."""
    if rule.group == "callback":
        return "It is about what a sender delivers: judge one with `sleeptalk listen`."
    if rule.group == "receiver":
        return (
            "Give the key that the receiver expects with --api-key."
            if knowledge.api_key is None
            else "No answer was about it: see what the receiver made of plain callbacks."
        )
    option = _KNOWN_ID[rule.group]
    missing = [] if rule.group == "analysis" else _missing(knowledge)
    if rule.hint:
        also = f", with {' and '.join(missing)}" if missing else ""
        return f"It takes {rule.hint}: name one with {option}{also}."
    if rule.group == "session" and not knowledge.known_ids:
        missing.append(option)
    return f"Give {' and '.join(missing)}." if missing else _NOTHING_SEEN


def _missing(knowledge: Knowledge) -> list[str]:
    given = (("--api-key", knowledge.api_key), ("--user-id", knowledge.user_id))
    return [option for option, value in given if value is None]

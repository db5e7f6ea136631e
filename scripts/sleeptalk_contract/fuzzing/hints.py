"""What would exercise a rule that was not exercised: the catalogue says what it takes, this adds the option."""

from typing import Final

from sleeptalk_contract.contract.catalogue import Rule
from sleeptalk_contract.contract.exchange import Knowledge
from sleeptalk_contract.contract.service import Target

_NOTHING_SEEN: Final = "No answer was about it."


def hint(rule: Rule, target: Target, knowledge: Knowledge) -> str:
    """Return a sentence: which option or id would exercise a rule of a target."""
    role = next(group.role for group in target.groups if group.name == rule.group)
    if role == "sender":
        return "It is about what a sender delivers: judge one with `sleeptalk listen`."
    missing = [each.option for each in target.credentials if each.header not in knowledge.credentials]
    if role == "receiver":
        key = target.key
        if key is not None and key.option in missing:
            return f"Give the key that the receiver expects with {key.option}."
        return f"{_NOTHING_SEEN[:-1]}: see what the receiver made of plain callbacks."
    option = None if target.known_ids is None else target.known_ids.option
    if rule.hint and option is not None:
        also = f", with {' and '.join(missing)}" if missing else ""
        return f"It takes {rule.hint}: name one with {option}{also}."
    if rule.hint:
        return f"It takes {rule.hint}."
    if missing and option is not None and not knowledge.known_ids:
        missing.append(option)
    return f"Give {' and '.join(missing)}." if missing else _NOTHING_SEEN

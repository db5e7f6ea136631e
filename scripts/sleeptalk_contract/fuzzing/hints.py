"""What exercises a rule, in words: the catalogue says what it takes, the target with which options it is given."""

from typing import Final

from sleeptalk_contract.contract.catalogue import Rule
from sleeptalk_contract.contract.exchange import Knowledge
from sleeptalk_contract.contract.service import Target

ALLOW_WRITES: Final = "--allow-writes"

_NOTHING_SEEN: Final = "No answer was about it."


def exercise(rule: Rule, target: Target) -> str:
    """Return a sentence: what exercises a rule of a target."""
    role = target.role_of(rule.group)
    if role == "sender":
        return f"It takes {rule.hint or 'a delivery'}: `sleeptalk listen {target.name}` judges what a sender delivers."
    options = [ALLOW_WRITES] if rule.writes else []
    options += [credential.option for credential in target.credentials]
    if rule.hint and target.known_ids is not None and not rule.writes:
        options = [target.known_ids.option, *options]
    given = f", with {', '.join(options)}" if options else ""
    run = f"`sleeptalk fuzz {target.name} --url URL`{given}"
    return f"It takes {rule.hint}: {run}." if rule.hint else f"Every run does: {run}."


def hint(rule: Rule, target: Target, knowledge: Knowledge) -> str:
    """Return a sentence: which option or id would exercise a rule of a target that a run did not exercise."""
    role = target.role_of(rule.group)
    if role == "sender":
        return f"It takes {rule.hint or 'a delivery'}: let the sandbox's sender deliver every scenario."
    missing = [each.option for each in target.credentials if each.header not in knowledge.credentials]
    if role == "receiver":
        key = target.key
        if key is not None and key.option in missing:
            return f"Pass the key that the receiver expects with {key.option}."
        seen = f"{_NOTHING_SEEN[:-1]}: check how the receiver answered plain callbacks."
        return f"It takes {rule.hint}." if rule.hint else seen
    if rule.writes:
        options = " and ".join(missing if knowledge.allow_writes else [ALLOW_WRITES, *missing])
        takes = f"It takes {rule.hint or 'requests that write'}"
        return f"{takes}: give {options}." if options else f"{takes}, and the run saw none."
    return _of_a_reader(rule, target, knowledge, missing)


def _of_a_reader(rule: Rule, target: Target, knowledge: Knowledge, missing: list[str]) -> str:
    """Return the sentence about a rule that requests exercise which only read, where some options are missing."""
    option = None if target.known_ids is None else target.known_ids.option
    if rule.hint and option is not None:
        also = f", with {' and '.join(missing)}" if missing else ""
        return f"It takes {rule.hint}: name one with {option}{also}."
    if rule.hint:
        return f"It takes {rule.hint}."
    if missing and option is not None and not knowledge.known_ids:
        missing.append(option)
    return f"Give {' and '.join(missing)}." if missing else _NOTHING_SEEN

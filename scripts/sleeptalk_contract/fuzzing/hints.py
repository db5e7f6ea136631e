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
    options = [each.option for each in target.credentials]
    if rule.writes:
        options = [ALLOW_WRITES, *options]
    elif rule.hint:
        options = list(dict.fromkeys([*_naming(rule, target), *options]))
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
    naming = _naming(rule, target)
    if rule.hint and naming:
        others = [option for option in missing if option not in naming]
        also = f", with {' and '.join(others)}" if others else ""
        return f"It takes {rule.hint}: name one with {' or '.join(naming)}{also}."
    if rule.hint:
        return f"It takes {rule.hint}."
    if missing and target.known_ids is not None and not knowledge.known_ids:
        missing.append(target.known_ids.option)
    return f"Give {' and '.join(missing)}." if missing else _NOTHING_SEEN


def _naming(rule: Rule, target: Target) -> list[str]:
    """Return the options that name what requests about a rule read: an id of its operations, or else whose it is."""
    known = target.known_ids
    if known is None:
        return []
    operations = next(group.operations for group in target.groups if group.name == rule.group)
    if known.operation in operations:
        return [known.option]
    return [credential.option for credential in target.credentials if not credential.secret]

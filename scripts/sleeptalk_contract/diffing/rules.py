"""Compare the rules of two versions of a document, or of its catalogue: added, removed or changed, by id."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from sleeptalk_contract.contract.catalogue import Catalogue, Rule, parse_catalogue, rules_meant
from sleeptalk_contract.contract.operation import METHODS
from sleeptalk_contract.contract.pointer import NULL_RULE, resolved, token, with_whole_schemas
from sleeptalk_contract.diffing.change import Change, Impact
from sleeptalk_contract.diffing.strictness import compare

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sleeptalk_contract.contract.document import Document

_DEMANDS_MORE: Final = ("added", "tightened")
_FOR_READERS: Final = {
    "added": "readers may rely on more",
    "tightened": "readers may rely on more",
    "removed": "readers may no longer rely on it",
    "loosened": "readers may rely on less",
    "changed": "readers may rely on different things than before",
}
_FOR_SENDERS: Final = {
    "added": "requests that were right may now be wrong",
    "tightened": "requests that were right may now be wrong",
    "removed": "requests no longer have to keep it",
    "loosened": "requests are less restricted",
    "changed": "requests that were right may now be wrong",
}


@dataclass(frozen=True, slots=True)
class Condition:
    """A conditional rule as it stands in a document: where `condition` holds, `demand` must hold."""

    rule: str
    pointer: str
    condition: Any
    demand: Any


def rule_changes(name: str, base: Document, revision: Document, rules: Mapping[str, Rule]) -> Iterator[Change]:
    """Yield the changes of rules between two versions of document `name`, whose catalogue has `rules` by id."""
    old, new = base.root, revision.root
    before, after = _sites_of(old, rules), _sites_of(new, rules)
    sent = _sent_schemas(new) | _sent_schemas(old)
    conditions_before = {site.rule for site in before if isinstance(site, Condition)}
    conditions_after = {site.rule for site in after if isinstance(site, Condition)}
    for rule in sorted({_rule(site) for site in [*before, *after]}):
        was = [site for site in before if _rule(site) == rule]
        now = [site for site in after if _rule(site) == rule]
        verb = _verb(was, now, conditional=rule in conditions_before | conditions_after)
        if verb is not None:
            place = _pointer((now or was)[0])
            is_sent = place.split("/")[3:4] != [] and place.split("/")[3] in sent
            line = (revision if now else base).line(place)
            impact, sentence = _verdict(rules.get(rule), verb, is_sent=is_sent)
            yield Change(impact, "rule", name, rule, f"#{place}", f"Rule `{rule}` {sentence}", line)


def without_rules(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a copy of a document without conditions and rule ids: what is left is shape."""
    shape: dict[str, Any] = _without_rules(with_whole_schemas(document))
    return shape


def _without_rules(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_without_rules(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: value for key, value in schema.items() if key not in ("x-rule", "x-fuzzing-bounds")}
    if isinstance(kept.get("allOf"), list):
        kept["allOf"] = [member for member in kept["allOf"] if not _is_condition(member)]
        if not kept["allOf"]:
            del kept["allOf"]
    return {key: _without_rules(value) for key, value in kept.items()}


def _verb(
    was: list[Condition | tuple[str, str]], now: list[Condition | tuple[str, str]], *, conditional: bool
) -> str | None:
    """Return the change of one rule; None where it means the same as before."""
    if not was or not now:
        return "added" if now else "removed"
    if not conditional:
        return None
    gone = [site for site in was if isinstance(site, Condition) and not _stands_in(site, now)]
    come = [site for site in now if isinstance(site, Condition) and not _stands_in(site, was)]
    tighter, looser = len(come) > len(gone), len(gone) > len(come)
    for before, after in zip(gone, come, strict=False):
        applies, demands = compare(before.condition, after.condition), compare(before.demand, after.demand)
        tighter |= applies.more or demands.less
        looser |= applies.less or demands.more
    if tighter and looser:
        return "changed"
    return "tightened" if tighter else "loosened" if looser else None


def _stands_in(site: Condition, others: list[Condition | tuple[str, str]]) -> bool:
    return any(
        isinstance(other, Condition)
        and not any((compare(site.condition, other.condition).less, compare(site.condition, other.condition).more))
        and not any((compare(site.demand, other.demand).less, compare(site.demand, other.demand).more))
        for other in others
    )


def _verdict(known: Rule | None, verb: str, *, is_sent: bool) -> tuple[Impact, str]:
    """Return what a change of a rule costs, and what it means: " was added, so ..."."""
    promised = known is None or known.level == "must"
    breaks = (verb in _DEMANDS_MORE or verb == "changed") if is_sent else verb not in _DEMANDS_MORE
    means = (_FOR_SENDERS if is_sent else _FOR_READERS)[verb]
    sentence = f": {known.sentence}" if known is not None else "."
    return Impact.MAJOR if breaks and promised else Impact.MINOR, f"was {verb}, so {means}{sentence}"


def _rule(site: Condition | tuple[str, str]) -> str:
    return site.rule if isinstance(site, Condition) else site[0]


def _pointer(site: Condition | tuple[str, str]) -> str:
    return site.pointer if isinstance(site, Condition) else site[1]


def _is_condition(member: Any) -> bool:
    return isinstance(member, dict) and "if" in member


def _sites_of(document: Mapping[str, Any], rules: Mapping[str, Rule]) -> list[Condition | tuple[str, str]]:
    """Return the sites of a document's rules, by full id, the lists of nulls written into the conditions."""
    found: list[Condition | tuple[str, str]] = []
    for site in _sites(with_whole_schemas(document), ""):
        for rule in [rule.id for rule in rules_meant(_rule(site), rules)] or [_rule(site)]:
            if isinstance(site, Condition):
                condition, demand = _inlined(document, site.condition), _inlined(document, site.demand)
                found.append(replace(site, rule=rule, condition=condition, demand=demand))
            else:
                found.append((rule, site[1]))
    return found


def _inlined(document: Mapping[str, Any], schema: Any) -> Any:
    """Return a condition with its `$ref`s to lists of nulls replaced by those lists."""
    if isinstance(schema, list):
        return [_inlined(document, item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    target = resolved(document, schema)
    if target is not schema and NULL_RULE in target:
        rest = {key: value for key, value in schema.items() if key != "$ref"}
        return {**rest, "properties": {**target["properties"], **rest.get("properties", {})}}
    return {key: _inlined(document, value) for key, value in schema.items()}


def _sites(value: Any, pointer: str) -> Iterator[Condition | tuple[str, str]]:
    """Yield every condition, and (id, pointer) of every other `x-rule`."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _sites(item, f"{pointer}/{index}")
    elif isinstance(value, dict):
        rule = value.get("x-rule")
        if isinstance(rule, str):
            if _is_condition(value):
                yield Condition(rule, pointer, value["if"], value.get("then", True))
                return
            yield rule, pointer
        for key, item in value.items():
            yield from _sites(item, f"{pointer}/{token(key)}")


def _sent_schemas(document: Mapping[str, Any]) -> set[str]:
    """Return the schemas that a client sends and never receives: those of parameters and request bodies of `paths`."""
    sent: set[str] = set()
    received: set[str] = set()
    for section in ("paths", "webhooks"):
        ours, theirs = (sent, received) if section == "paths" else (received, sent)
        for item in document.get(section, {}).values():
            _collect(document, item.get("parameters"), ours)
            for operation in (item[method] for method in METHODS if method in item):
                _collect(document, [operation.get("parameters"), operation.get("requestBody")], ours)
                _collect(document, operation.get("responses"), theirs)
    return sent - received


def _collect(document: Mapping[str, Any], value: Any, names: set[str]) -> None:
    """Add the names of all component schemas that `value` leads to."""
    if isinstance(value, list):
        for item in value:
            _collect(document, item, names)
    elif isinstance(value, dict):
        reference = value.get("$ref")
        if isinstance(reference, str):
            kind, _, name = reference.removeprefix("#/components/").partition("/")
            if kind == "schemas" and name in names:
                return
            if kind == "schemas":
                names.add(name)
            _collect(document, resolved(document, {"$ref": reference}), names)
        for key, item in value.items():
            if key not in ("examples", "example"):
                _collect(document, item, names)


# ---- the catalogue


def catalogue_changes(name: str, base: Document, revision: Document) -> Iterator[Change]:
    """Yield the changes between two versions of catalogue `name`, "rules/asleep".

    Readers of a service rely on its rules, so fewer rules break them; a callback receiver has to keep its rules, so
    more rules break it. Rules of the kind `schema` that came or went are found in the document. Raises UsageError where
    a version is not a catalogue.
    """
    before, after = (parse_catalogue(version) for version in (base, revision))
    for rule in {**before.rules, **after.rules}:
        holder, version = (after, revision) if rule in after.rules else (before, base)
        place = holder.place(rule)
        for impact, sentence in _catalogue_verdicts(before, after, rule):
            yield Change(impact, "rule", name, rule, f"#{place}", f"Rule `{rule}` {sentence}", version.line(place))


def _catalogue_verdicts(before: Catalogue, after: Catalogue, identity: str) -> Iterator[tuple[Impact, str]]:
    was, now = before.rules.get(identity), after.rules.get(identity)
    group = identity.partition(".")[0]
    kept_by_user = (after if group in after.groups else before).groups[group].role == "receiver"
    if was is None or now is None:
        rule = was or now
        if rule is not None and rule.where != "schema":
            came = was is None
            verb = "added" if came else "removed"
            impact = _impact(more=came, promised=rule.level == "must", kept_by_user=kept_by_user)
            yield impact, f"was {verb}: {rule.sentence}"
        return
    if was.level != now.level:
        more = now.level == "must"
        yield (
            _impact(more=more, promised=True, kept_by_user=kept_by_user),
            f"is now a `{now.level}`, formerly a `{was.level}`.",
        )
    if was.sentence != now.sentence:
        yield Impact.PATCH, f'now reads "{now.sentence}", formerly "{was.sentence}"'
    if (was.where, was.source) != (now.where, now.source):
        yield Impact.PATCH, f"is now of the kind `{now.where}`, from {now.source} ({now.source.url})."
    if _rest(was) != _rest(now):
        yield Impact.PATCH, "has changed facts for the tools, such as its hint or what it gives way to."


def _rest(rule: Rule) -> Rule:
    """Return a rule without what is compared by itself."""
    return replace(rule, level="must", where="schema", sentence="", source=None)  # type: ignore[arg-type]  # left out


def _impact(*, more: bool, promised: bool, kept_by_user: bool) -> Impact:
    """Rate a rule that demands more, or less, than before; what was never promised does not break anybody."""
    breaks = more if kept_by_user else not more
    return Impact.MAJOR if breaks and promised else Impact.MINOR

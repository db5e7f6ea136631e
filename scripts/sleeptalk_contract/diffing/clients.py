"""What a change of the documents means for programs that use the generated Python classes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sleeptalk_contract.diffing.change import Change, Impact
from sleeptalk_contract.diffing.strictness import compare_types

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sleeptalk_contract.diffing.signatures import MethodSignature, Signatures

_SIMILAR: Final = 0.7  # the share of equal fields above which a removed and an added class count as a renamed one


class Comparison:
    """The comparison of two packages generated from document `name`."""

    def __init__(self, name: str, old: Signatures, new: Signatures) -> None:
        self._name = name
        self._old = old
        self._new = new

    def changes(self) -> Iterator[Change]:
        """Yield each change that a program can see."""
        renamed = dict(self._renamed())
        yield from self._classes(renamed)
        yield from self._enumerations()
        yield from self._aliases()
        yield from self._operations(renamed)

    def _change(self, impact: Impact, subject: str, sentence: str) -> Change:
        return Change(impact, "client", self._name, subject, subject, sentence)

    def _renamed(self) -> Iterator[tuple[str, str]]:
        """Pair each removed class with an added one that has nearly the same fields."""
        come = [name for name in self._new.classes if name not in self._old.classes]
        for gone in self._old.classes:
            if gone in self._new.classes:
                continue
            fields = self._old.classes[gone].items()
            for name in come:
                others = self._new.classes[name].items()
                if fields and len(fields & others) / len(fields | others) >= _SIMILAR:
                    come.remove(name)
                    yield gone, name
                    break

    def _classes(self, renamed: dict[str, str]) -> Iterator[Change]:
        for name, fields in self._old.classes.items():
            now = renamed.get(name, name)
            if now != name:
                sentence = f"Class `{name}` is now `{now}`: programs that import or name it must follow."
                yield self._change(Impact.MAJOR, name, sentence)
            if now not in self._new.classes:
                yield self._change(Impact.MAJOR, name, f"Class `{name}` was removed: programs that name it break.")
                continue
            yield from self._fields(now, fields, self._new.classes[now], renamed)
        for name in self._new.classes.keys() - self._old.classes.keys() - set(renamed.values()):
            yield self._change(Impact.MINOR, name, f"Class `{name}` is new.")

    def _fields(self, name: str, old: dict[str, str], new: dict[str, str], renamed: dict[str, str]) -> Iterator[Change]:
        for field, kind in old.items():
            subject = f"{name}.{field}"
            if field not in new:
                yield self._change(Impact.MAJOR, subject, f"`{subject}` was removed: programs that read it break.")
            elif _renamed_type(kind, renamed) != new[field]:
                yield self._read_change(subject, _renamed_type(kind, renamed), new[field])
        for field in new.keys() - old.keys():
            yield self._change(Impact.MINOR, f"{name}.{field}", f"`{name}.{field}: {new[field]}` is new.")

    def _read_change(self, subject: str, old: str, new: str) -> Change:
        """Rate a value that programs read: more kinds of values break them, fewer do not."""
        relation = compare_types(old, new)
        written = f"`{subject}: {old} -> {new}`"
        if not relation.more:
            return self._change(Impact.MINOR, subject, f"{written}: programs that handle the rest keep working.")
        if "None" in new.split(" | ") and "None" not in old.split(" | "):
            return self._change(Impact.MAJOR, subject, f"{written}: programs that read it must expect None.")
        if "UnsetType" in new and "UnsetType" not in old:
            return self._change(Impact.MAJOR, subject, f"{written}: it may be missing, and programs must expect that.")
        return self._change(Impact.MAJOR, subject, f"{written}: programs that read it meet values of another type.")

    def _enumerations(self) -> Iterator[Change]:
        for name, members in self._old.enumerations.items():
            if name not in self._new.enumerations:
                yield self._change(
                    Impact.MAJOR, name, f"Enumeration `{name}` was removed: programs that name it break."
                )
                continue
            now = self._new.enumerations[name]
            for member in members.keys() - now.keys():
                sentence = f"`{name}.{member}` was removed: programs that name it break."
                yield self._change(Impact.MAJOR, f"{name}.{member}", sentence)
            for member in now.keys() - members.keys():
                sentence = f"`{name}.{member}` is new: enumerations are open, so programs read this value already."
                yield self._change(Impact.MINOR, f"{name}.{member}", sentence)
            for member in members.keys() & now.keys():
                if members[member] != now[member]:
                    sentence = f"`{name}.{member}` is now {now[member]}, it was {members[member]}."
                    yield self._change(Impact.MAJOR, f"{name}.{member}", sentence)
        for name in self._new.enumerations.keys() - self._old.enumerations.keys():
            yield self._change(Impact.MINOR, name, f"Enumeration `{name}` is new.")

    def _aliases(self) -> Iterator[Change]:
        for name, kind in self._old.aliases.items():
            if name not in self._new.aliases:
                yield self._change(Impact.MAJOR, name, f"`{name}` was removed: programs that name it break.")
            elif kind != self._new.aliases[name]:
                yield self._read_change(name, kind, self._new.aliases[name])
        for name in self._new.aliases.keys() - self._old.aliases.keys():
            yield self._change(Impact.MINOR, name, f"`{name}` is new.")

    def _operations(self, renamed: dict[str, str]) -> Iterator[Change]:
        for name, operation in self._old.operations.items():
            if name not in self._new.operations:
                yield self._change(Impact.MAJOR, name, f"Operation `{name}` was removed: programs that call it break.")
                continue
            now = self._new.operations[name]
            yield from self._arguments(name, operation, now)
            returns = _renamed_type(operation.returns, renamed)
            if returns != now.returns:
                yield self._read_change(f"{name}()", returns, now.returns)
        for name in self._new.operations.keys() - self._old.operations.keys():
            yield self._change(Impact.MINOR, name, f"Operation `{name}` is new.")

    def _arguments(self, name: str, old: MethodSignature, new: MethodSignature) -> Iterator[Change]:
        """Rate what programs pass: fewer kinds of values, or another required argument, break them."""
        for argument, (kind, needed) in old.arguments.items():
            subject = f"{name}({argument})"
            if argument not in new.arguments:
                yield self._change(Impact.MAJOR, subject, f"`{subject}` was removed: programs that pass it break.")
                continue
            now, now_needed = new.arguments[argument]
            if now_needed and not needed:
                yield self._change(Impact.MAJOR, subject, f"`{subject}` is now required.")
            elif needed and not now_needed:
                yield self._change(Impact.MINOR, subject, f"`{subject}` is no longer required.")
            elif kind != now:
                impact = Impact.MAJOR if compare_types(kind, now).less else Impact.MINOR
                yield self._change(impact, subject, f"`{subject}: {kind} -> {now}`.")
        for argument, (kind, needed) in new.arguments.items():
            if argument not in old.arguments:
                impact = Impact.MAJOR if needed else Impact.MINOR
                must = "and required" if needed else "and optional"
                yield self._change(impact, f"{name}({argument})", f"`{name}({argument}: {kind})` is new {must}.")


def _renamed_type(kind: str, renamed: dict[str, str]) -> str:
    """Write a type with the new names of renamed classes, so that a rename is reported once."""
    return " | ".join(renamed.get(member, member) for member in kind.split(" | "))

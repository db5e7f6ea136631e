"""Small edits of a catalogue of rules, each with the verdict it must get and a word that must explain it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from sleeptalk_contract.commands.diff import changes_of
from sleeptalk_contract.contract.document import Document, folder
from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.diffing.change import Change, Impact
from sleeptalk_contract.diffing.sources import Pair
from tests.diffing.test_command import diff

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

Groups = dict[str, Any]
Edit = Callable[[Groups], object]
MAJOR, MINOR, PATCH = Impact.MAJOR, Impact.MINOR, Impact.PATCH
NEW = {"level": "must", "where": "exchange", "source": {"page": "callback"}, "sentence": "It is so."}


def rule(groups: Groups, identity: str) -> dict[str, Any]:
    return next(entry for entry in groups[identity.partition(".")[0]]["rules"] if entry["id"] == identity)


EDITS: list[tuple[str, Edit, list[tuple[Impact, str]]]] = [
    ("readers may rely on a new rule", lambda c: c["session"]["rules"].append({"id": "session.new", **NEW}),
     [(MINOR, "Rule `session.new` was added: It is so.")]),
    ("receivers must keep a new rule", lambda c: c["receiver"]["rules"].append({"id": "receiver.new", **NEW}),
     [(MAJOR, "Rule `receiver.new` was added: It is so.")]),
    ("a new recommendation breaks no receiver",
     lambda c: c["receiver"]["rules"].append({"id": "receiver.new", **NEW, "level": "should"}), [(MINOR, "was added")]),
    ("readers can no longer rely on a rule",
     lambda c: c["session"]["rules"].remove(rule(c, "session.sleep-period-arithmetic")), [(MAJOR, "was removed")]),
    ("receivers need no longer keep a rule",
     lambda c: c["receiver"]["rules"].remove(rule(c, "receiver.accepts-valid")), [(MINOR, "was removed")]),
    ("its document tells of a rule of the kind schema",
     lambda c: c["session"]["rules"].remove(rule(c, "session.state-values")), []),
    ("a promise becomes a recommendation", lambda c: rule(c, "session.state-values").update(level="should"),
     [(MAJOR, "Rule `session.state-values` is now a `should`, formerly a `must`.")]),
    ("receivers are given a recommendation for an obligation",
     lambda c: rule(c, "receiver.accepts-valid").update(level="should"), [(MINOR, "is now a `should`")]),
    ("a sentence is worded anew", lambda c: rule(c, "session.state-values").update(sentence="It is one of three."),
     [(PATCH, 'now reads "It is one of three.", formerly "The state of a session is OPEN, CLOSED or COMPLETE."')]),
    ("a source is named", lambda c: rule(c, "session.state-values").update(source={"page": "callback"}),
     [(PATCH, "is now of the kind `schema`, from Callback (https://docs-en.asleep.ai/v1.0/docs/callback).")]),
    ("a hint is worded anew", lambda c: rule(c, "session.state-values").update(hint="any session"),
     [(PATCH, "has changed facts for the tools")]),
    ("nothing", lambda _: None, []),
    ("rules stand in another order", lambda c: c["session"]["rules"].reverse(), []),
]  # fmt: skip


def catalogue() -> Any:
    return Document.read(folder() / "rules" / "asleep.yaml").value


def compared(before: Any, after: Any) -> list[Change]:
    versions = (Document.parse(yaml.safe_dump(value), label) for label, value in (("before", before), ("after", after)))
    return list(changes_of(Pair("rules/asleep", *versions)))


@pytest.mark.parametrize(("edit", "expected"), [edit[1:] for edit in EDITS], ids=[edit[0] for edit in EDITS])
def test_an_edit_of_the_catalogue_gets_its_verdict(edit: Edit, expected: list[tuple[Impact, str]]) -> None:
    before = catalogue()
    after = copy.deepcopy(before)
    edit(after["groups"])
    changes = compared(before, after)
    assert [change.impact for change in changes] == [impact for impact, _ in expected]
    for change, (_, says) in zip(changes, expected, strict=True):
        assert says in change.sentence
        assert (change.kind, change.document, change.line is None) == ("rule", "rules/asleep", False)


@pytest.mark.parametrize("broken", [[], "text", {"groups": {"session": [{"id": "session.new"}]}}, {"groups": 1}, None])
def test_what_is_not_a_catalogue_is_refused(broken: object) -> None:
    with pytest.raises(UsageError, match=r"^after line \d+.*: this is not a catalogue of rules"):
        compared(catalogue(), broken)


def test_a_file_is_compared_with_the_catalogue_and_a_change_can_be_announced(tmp_path: Path) -> None:
    before = tmp_path / "asleep.yaml"
    text = (folder() / "rules" / "asleep.yaml").read_text(encoding="utf-8")
    before.write_text(
        text.replace("id: session.shape\n        level: must", "id: session.shape\n        level: should"), "utf-8"
    )
    changelog = tmp_path / "CHANGELOG.md"
    changelog.write_text("# Changelog\n\n## Unreleased\n\n- Nothing.\n", encoding="utf-8")
    line = text[: text.index("session.shape")].count("\n") + 1
    place = f"#/groups/session/rules/0 (line {line})"
    assert lines(diff(before)) == [
        f"minor rules/asleep  {place}  Rule `session.shape` is now a `must`, formerly a `should`.",
        "1 change: 0 major, 1 minor, 0 patch.",
    ]
    assert diff(before, "--fail-on", "minor", "--announced-in", changelog).returncode == 1
    changelog.write_text("# Changelog\n\n## Unreleased\n\n- `session.shape` is a must.\n", encoding="utf-8")
    assert diff(before, "--fail-on", "minor", "--announced-in", changelog).returncode == 0


def lines(run: subprocess.CompletedProcess[str]) -> list[str]:
    assert (run.returncode, run.stderr) == (0, "")
    return run.stdout.splitlines()

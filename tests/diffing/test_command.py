"""`sleeptalk diff` as a program: files and git revisions, its three forms of output, and when it fails."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from sleeptalk_contract.contract.document import folder
from sleeptalk_contract.diffing.change import Change, Impact, as_json, as_markdown, as_text
from tests.linting.documents import SOUND
from tests.node_tools import needs_node

if TYPE_CHECKING:
    from pathlib import Path

CHECKOUT = folder().parent

RULES = """
sources:
  page: {title: Naps, url: "https://naps.test/docs"}
groups:
  session:
    role: provider
    title: Reading a nap
    summary: What is answered about a nap.
    rules:
      - {id: session.sleep-stage-values, level: must, where: schema, sentence: A stage is 0 or 1., source: {page: page}}
      - id: session.sleep-stages-set-once-closed
        level: must
        where: schema
        sentence: A nap that has ended has stages.
        source: {page: page}
      - {id: session.naps, level: must, where: exchange, sentence: Naps are short., source: {page: page}}
"""

CHANGES = [
    Change(Impact.MAJOR, "client", "asleep", "Stat.rem_ratio", "Stat.rem_ratio", "`Stat.rem_ratio: float -> int`."),
    Change(Impact.PATCH, "document", "asleep", "info.title", "#/info/title", "`title` was changed.", 3),
]


def diff(*arguments: str | Path, checkout: Path = CHECKOUT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sleeptalk_contract", "diff", *map(str, arguments)],
        check=False,
        capture_output=True,
        text=True,
        cwd=checkout,
    )


@pytest.fixture
def wider(tmp_path: Path) -> Path:
    """A version of asleep.yaml in which a ratio may reach 2, which breaks readers."""
    text = (folder() / "asleep.yaml").read_text(encoding="utf-8")
    share = "A share from 0 to 1, with at most two decimals."
    before = f"    Ratio:\n      description: {share}\n      type: number\n      minimum: 0\n"
    assert text.count(f"{before}      maximum: 1\n") == 1
    file = tmp_path / "asleep.yaml"
    file.write_text(text.replace(f"{before}      maximum: 1\n", f"{before}      maximum: 2\n"), encoding="utf-8")
    return file


@needs_node
def test_a_breaking_change_between_files_fails_where_it_is_asked_for(wider: Path) -> None:
    now = folder() / "asleep.yaml"
    run = diff(now, wider)
    assert (run.returncode, run.stderr) == (0, "")
    assert "major" in run.stdout
    assert diff(now, wider, "--fail-on", "major").returncode == 1
    assert diff(now, now, "--fail-on", "patch").returncode == 0


@needs_node
def test_a_breaking_change_passes_where_the_newest_section_of_the_changelog_names_it(wider: Path) -> None:
    changelog = wider.parent / "CHANGELOG.md"
    arguments = (folder() / "asleep.yaml", wider, "--fail-on", "major", "--announced-in", changelog)
    changelog.write_text("# Changelog\n\n## Unreleased\n\n- Nothing yet.\n\n## 1.0\n\n- `Ratio` is wider.\n")
    run = diff(*arguments)
    assert run.returncode == 1
    assert run.stderr == f"sleeptalk: {changelog} does not name `Ratio` in its newest section.\n"
    changelog.write_text("# Changelog\n\n## Unreleased\n\n- `Ratio` is wider.\n\n## 1.0\n\n- The first one.\n")
    assert diff(*arguments).returncode == 0


@needs_node
@pytest.mark.skipif(not (folder().parent / ".git").exists(), reason="a source archive has no git revisions to compare")
def test_git_revisions_are_compared_document_by_document() -> None:
    run = diff("HEAD", "HEAD", "--format", "json", "--fail-on", "patch")
    assert run.returncode == 0
    assert json.loads(run.stdout) == {"impact": None, "changes": []}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout of a project with one document of its own and the settings that an older revision had beside it."""
    root = tmp_path / "checkout"
    shutil.copytree(CHECKOUT / "overrides" / "templates", root / "overrides" / "templates")
    shutil.copytree(folder() / "style", root / "openapi" / "style")
    (root / "openapi" / "node_modules").symlink_to(folder() / "node_modules")
    (root / "openapi" / "rules").mkdir()
    (root / "openapi" / "naps.yaml").write_text(SOUND, encoding="utf-8")
    (root / "openapi" / "rules" / "naps.yaml").write_text(RULES, encoding="utf-8")
    (root / "openapi" / "redocly.yaml").write_text("rules: {}\n", encoding="utf-8")
    git(root, "init", "--quiet")
    return root


def git(root: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=Test", "-c", "user.email=test@test.test")
    subprocess.run(["git", "-C", root, *identity, *arguments], check=True, capture_output=True)


def commit(root: Path) -> None:
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "Change")


@needs_node
def test_documents_that_came_went_or_changed_are_found_in_the_checkout_that_one_stands_in(checkout: Path) -> None:
    openapi = checkout / "openapi"
    commit(checkout)
    (openapi / "redocly.yaml").unlink()
    assert diff("HEAD", checkout=openapi).stdout == "No change.\n"
    (openapi / "dreams.yaml").write_text(SOUND, encoding="utf-8")
    (openapi / "rules" / "dreams.yaml").write_text(RULES, encoding="utf-8")
    (openapi / "naps.yaml").write_text(SOUND.replace("enum: [0, 1]", "enum: [0, 1, 2]"), encoding="utf-8")
    (openapi / "rules" / "naps.yaml").write_text(
        RULES.replace("session.naps, level: must", "session.naps, level: should")
    )
    run = diff("HEAD", "--format", "json", checkout=openapi)
    assert (run.returncode, run.stderr) == (0, "")
    changes = {(one["impact"], one["document"], one["sentence"]) for one in json.loads(run.stdout)["changes"]}
    assert ("minor", "dreams", "The document was added.") in changes
    assert ("minor", "rules/dreams", "The catalogue was added.") in changes
    assert ("major", "rules/naps", "Rule `session.naps` is now a `should`, formerly a `must`.") in changes
    assert any(document == "naps" and "2" in sentence for _, document, sentence in changes)
    assert {document for _, document, _ in changes} == {"dreams", "rules/dreams", "naps", "rules/naps"}
    commit(checkout)
    (openapi / "dreams.yaml").unlink()
    (openapi / "rules" / "dreams.yaml").unlink()
    assert diff("HEAD", checkout=openapi).stdout.splitlines() == [
        "major dreams  #  The document was removed.",
        "major rules/dreams  #  The catalogue was removed.",
        "2 changes: 2 major, 0 minor, 0 patch.",
    ]
    assert diff("HEAD", "HEAD", checkout=openapi).stdout == "No change.\n"


def test_revisions_are_those_of_the_checkout_whatever_repository_the_environment_names(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (checkout / "openapi" / "redocly.yaml").unlink()
    commit(checkout)
    other = tmp_path / "other"
    (other / "openapi").mkdir(parents=True)
    (other / "openapi" / "other.yaml").write_text(SOUND, encoding="utf-8")
    git(other, "init", "--quiet")
    commit(other)
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other))
    assert lines_of(diff("HEAD", checkout=checkout)) == ["No change."]


def test_a_checkout_may_be_a_folder_of_its_repository(checkout: Path, tmp_path: Path) -> None:
    (checkout / "openapi" / "redocly.yaml").unlink()
    shutil.rmtree(checkout / ".git")
    (tmp_path / "openapi").mkdir()
    (tmp_path / "openapi" / "other.yaml").write_text(SOUND, encoding="utf-8")
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", "openapi")
    git(tmp_path, "commit", "--quiet", "--message", "Without the checkout")
    without = diff("HEAD", checkout=checkout)
    assert (without.returncode, without.stdout) == (2, "")
    assert without.stderr == (
        f"sleeptalk: HEAD has no documents in openapi/ of {checkout}: name another revision, or two files.\n"
    )
    commit(tmp_path)
    assert lines_of(diff("HEAD", checkout=checkout)) == ["No change."]
    (checkout / "openapi" / "rules" / "naps.yaml").unlink()
    assert lines_of(diff("HEAD", checkout=checkout))[0] == "major rules/naps  #  The catalogue was removed."


def test_a_checkout_without_git_is_said(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.rmtree(checkout / ".git")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(checkout.parent))
    run = diff("HEAD", checkout=checkout)
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == f"sleeptalk: HEAD is not a file, and git reads no repository in {checkout}: name two files.\n"


def test_a_rule_of_the_document_has_the_sentence_of_its_own_catalogue(checkout: Path) -> None:
    commit(checkout)
    text = SOUND.replace(
        "type: string}}}\n          then: {required: [stages]",
        "type: string, const: x}}}\n          then: {required: [stages]",
    )
    assert text != SOUND
    (checkout / "openapi" / "naps.yaml").write_text(text, encoding="utf-8")
    assert lines_of(diff("HEAD", checkout=checkout))[0] == (
        "major naps  #/components/schemas/Nap/allOf/0 (line 88)  Rule `session.sleep-stages-set-once-closed`"
        " was loosened, so readers may rely on less: A nap that has ended has stages."
    )


def lines_of(run: subprocess.CompletedProcess[str]) -> list[str]:
    assert (run.returncode, run.stderr) == (0, "")
    return run.stdout.splitlines()


def test_a_document_of_a_revision_that_cannot_be_read_is_a_sentence(checkout: Path) -> None:
    (checkout / "openapi" / "naps.yaml").write_text(f"{SOUND}404: {{}}\n", encoding="utf-8")
    commit(checkout)
    (checkout / "openapi" / "naps.yaml").write_text(SOUND, encoding="utf-8")
    run = diff("HEAD", checkout=checkout)
    line = SOUND.count("\n") + 1
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == (
        f"sleeptalk: HEAD:openapi/naps.yaml line {line}: the key 404 is not a string to every reader:"
        " put it in quotes.\n"
    )


def test_wrong_use_is_one_sentence_and_exit_2(tmp_path: Path) -> None:
    no_yaml = tmp_path / "asleep.yaml"
    no_yaml.write_text("a: [", encoding="utf-8")
    plain = tmp_path / "plain.yaml"
    plain.write_text("a: 1\n", encoding="utf-8")
    for arguments in (
        ("no-such-revision",),
        ("--output=evil", "HEAD"),
        (no_yaml, tmp_path / "absent.yaml"),
        (no_yaml, plain),
        (plain,),
        (plain, plain, "--fail-on", "most"),
    ):
        run = diff(*arguments)
        assert run.returncode == 2, arguments
        assert run.stdout == ""
        assert "Traceback" not in run.stderr


def test_text_has_a_line_a_change_and_the_sum() -> None:
    assert as_text(CHANGES).splitlines() == [
        "major asleep  Stat.rem_ratio  `Stat.rem_ratio: float -> int`.",
        "patch asleep  #/info/title (line 3)  `title` was changed.",
        "2 changes: 1 major, 0 minor, 1 patch.",
    ]
    assert as_text([]) == "No change."


def test_json_has_every_change_with_its_place() -> None:
    read = as_json(CHANGES)
    assert read["impact"] == "major"
    assert [(one["kind"], one["subject"], one["line"]) for one in read["changes"]] == [
        ("client", "Stat.rem_ratio", None),
        ("document", "info.title", 3),
    ]


def test_markdown_groups_by_impact_and_is_a_list_for_a_changelog() -> None:
    text = as_markdown(CHANGES)
    assert text.index("**Breaking** (major)") < text.index("- asleep: `Stat.rem_ratio: float -> int`.")
    assert text.index("- asleep: `Stat.rem_ratio") < text.index("(patch)")
    assert "(minor)" not in text


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ("404: {}", "the key 404 is not a string to every reader: put it in quotes"),
        ("x-deep: " + "[" * 3000 + "]" * 3000, "this is nested too deeply to be read"),
    ],
)
def test_yaml_that_cannot_be_read_is_a_sentence(tmp_path: Path, more: str, why: str) -> None:
    file = tmp_path / "asleep.yaml"
    text = (folder() / "asleep.yaml").read_text(encoding="utf-8")
    file.write_text(f"{text}{more}\n", encoding="utf-8")
    run = diff(folder() / "asleep.yaml", file)
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == f"sleeptalk: {file} line {text.count(chr(10)) + 1}: {why}.\n"

"""What a release is made of, and what leads to the repository: checked here, because workflows run at GitHub alone."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from hatch_build import absolute

from sleeptalk_contract.commands.program import run

ROOT = Path(__file__).resolve().parents[2]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
REPOSITORY = PROJECT["urls"]["Repository"]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
USES = [
    (path.name, line.strip())
    for path in (*WORKFLOWS, ROOT / "action.yml")
    for line in path.read_text("utf-8").splitlines()
    if re.match(r"\s*(- )?uses:", line)
]


@pytest.mark.parametrize(("file", "line"), USES)
def test_an_action_is_pinned_by_its_whole_hash_with_its_version_beside_it(file: str, line: str) -> None:
    used = line.removeprefix("- ").removeprefix("uses: ")
    assert used == "./" or re.fullmatch(r"[\w.-]+/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", used)


def test_an_action_has_the_same_pin_everywhere() -> None:
    pins = {line.partition("uses: ")[2] for _, line in USES} - {"./"}
    assert len({pin.partition("@")[0] for pin in pins}) == len(pins)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_is_given_no_more_than_it_names_and_ends(path: Path) -> None:
    workflow = yaml.safe_load(path.read_text("utf-8"))
    assert set(workflow["permissions"].values() if workflow["permissions"] else ()) <= {"read", "write"}
    assert "write-all" not in path.read_text("utf-8")
    for job in workflow["jobs"].values():
        assert not any("${{ github.event" in step.get("run", "") for step in job["steps"])


def test_what_is_published_is_what_was_tested() -> None:
    jobs = yaml.safe_load((ROOT / ".github/workflows/release.yml").read_text("utf-8"))["jobs"]
    assert [(name, job.get("needs")) for name, job in jobs.items()] == [
        ("build", None),
        ("test", "build"),
        ("attest", "test"),
        ("publish", "attest"),
        ("release", "publish"),
    ]
    builders = [name for name, job in jobs.items() if any("scripts/" in step.get("run", "") for step in job["steps"])]
    assert builders == ["build"]
    assert jobs["publish"]["permissions"] == {"id-token": "write"}


def test_links_and_pictures_of_the_readme_are_absolute_for_package_indexes() -> None:
    text = "![A [b] c](docs/a.svg) [x](CHANGELOG.md), [y](https://example.com/z), [here](#install)"
    assert absolute(text, "https://github.com/me/mine", "v1") == (
        "![A [b] c](https://raw.githubusercontent.com/me/mine/v1/docs/a.svg?sanitize=true)"
        " [x](https://github.com/me/mine/blob/v1/CHANGELOG.md), [y](https://example.com/z), [here](#install)"
    )
    whole = absolute((ROOT / "README.md").read_text("utf-8"), REPOSITORY, "v1")
    assert re.findall(r"\]\((?!https://|#)[^)]*\)", whole) == []


def test_what_the_readme_links_to_is_there() -> None:
    links = re.findall(r"\]\((?!https?:)([^)\s#]*)(?:#([^)\s]+))?\)", (ROOT / "README.md").read_text("utf-8"))
    assert links
    assert [link for link, _ in links if not (ROOT / link).exists()] == []
    for link, anchor in links:
        headings = re.findall(r"^#+ (.+)$", (ROOT / (link or "README.md")).read_text("utf-8"), re.MULTILINE)
        assert not anchor or anchor in [re.sub(r"[^a-z0-9 -]", "", each.lower()).replace(" ", "-") for each in headings]


def test_the_address_of_the_repository_is_the_one_of_the_project_everywhere() -> None:
    """It stands in pyproject.toml; scripts/repository changes it there and elsewhere."""
    assert all(url.startswith(REPOSITORY) for url in PROJECT["urls"].values())
    name = REPOSITORY.removeprefix("https://github.com/")
    project = re.escape(name.partition("/")[2])
    listed = subprocess.run(
        ["git", "grep", "-hoIE", rf"[A-Za-z0-9._-]+/{project}(@v|/security|/issues|/blob)", "--", ":!tests"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert {re.split("@v|/security|/issues|/blob", found)[0] for found in listed} == {name}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A small checkout with the scripts, and files that name the repository."""
    (tmp_path / "scripts").mkdir()
    for name in ("repository", "release-notes"):
        shutil.copy(ROOT / "scripts" / name, tmp_path / "scripts" / name)
    (tmp_path / "pyproject.toml").write_text('[project.urls]\nRepository = "https://github.com/OWNER/sleeptalk"\n')
    (tmp_path / "README.md").write_text("uses: OWNER/sleeptalk@v0.1.0\n")
    (tmp_path / "CHANGELOG.md").write_text("# C\n\n## 0.2.0\n\n- New.\n\n## 0.1.0\n\n- First.\n\n## 0.0.1\n")
    for arguments in (("init", "-q"), ("add", ".")):
        subprocess.run(["git", *arguments], cwd=tmp_path, check=True)
    return tmp_path


def script(checkout: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["sh", *words], cwd=checkout, capture_output=True, text=True, check=False)


def test_one_command_sets_the_address_of_the_repository_everywhere(checkout: Path) -> None:
    assert script(checkout, "scripts/repository").stdout == "https://github.com/OWNER/sleeptalk\n"
    assert script(checkout, "scripts/repository", "me/mine").returncode == 0
    assert (checkout / "README.md").read_text() == "uses: me/mine@v0.1.0\n"
    assert script(checkout, "scripts/repository").stdout == "https://github.com/me/mine\n"


@pytest.mark.parametrize("name", ["mine", "a/b/c", "a b/c", "/x", "x/", "a/b;rm"])
def test_what_is_not_a_repository_changes_nothing(checkout: Path, name: str) -> None:
    refused = script(checkout, "scripts/repository", name)
    assert (refused.returncode, refused.stderr) == (1, f"{name} is not a repository: write OWNER/NAME.\n")
    assert (checkout / "README.md").read_text() == "uses: OWNER/sleeptalk@v0.1.0\n"


def test_the_notes_of_a_release_are_the_section_of_the_changelog(checkout: Path) -> None:
    assert script(checkout, "scripts/release-notes", "0.1.0").stdout.strip() == "- First."
    for missing in ("0.3.0", "0.0.1", "0.1"):
        refused = script(checkout, "scripts/release-notes", missing)
        assert (refused.returncode, refused.stdout) == (1, "")
        assert f'CHANGELOG.md has no section "## {missing}"' in refused.stderr


def test_the_archive_of_the_documents_is_the_same_from_each_checkout(tmp_path: Path) -> None:
    archives = []
    for name, when, mode in (("one", 1_700_000_000, 0o644), ("two", 1_800_000_000, 0o600)):
        shutil.copytree(ROOT / "openapi", tmp_path / name / "openapi", ignore=shutil.ignore_patterns("node_modules"))
        (tmp_path / name / "scripts").mkdir()
        program = shutil.copy(ROOT / "scripts" / "archive-documents", tmp_path / name / "scripts")
        for path in (tmp_path / name / "openapi").rglob("*.yaml"):
            path.chmod(mode)
            os.utime(path, (when, when))
        given = os.environ | {"SOURCE_DATE_EPOCH": "1750000000"}
        subprocess.run([sys.executable, program, tmp_path / f"{name}.zip"], env=given, check=True)
        archives.append((tmp_path / f"{name}.zip").read_bytes())
    assert archives[0] == archives[1]
    with zipfile.ZipFile(tmp_path / "one.zip") as archive:
        assert {"asleep.yaml", "rules/asleep.yaml"} <= set(archive.namelist())
        assert archive.read("asleep.yaml") == (ROOT / "openapi" / "asleep.yaml").read_bytes()


def test_the_image_is_built_of_what_the_build_copies_and_serves_other_machines(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """There is no Docker here: each file that a step names is let through by .dockerignore, and the command is ours."""
    instructions = (ROOT / "Dockerfile").read_text("utf-8")
    let_through = re.findall(r"^!(.+)$", (ROOT / ".dockerignore").read_text("utf-8"), re.MULTILINE)
    assert "requirements/contract.txt" in let_through
    assert all((ROOT / path).exists() for path in let_through)
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert all(any(path.startswith(each) for each in let_through) for path in wheel["only-include"])
    assert {line.split()[1] for line in instructions.splitlines() if line.startswith("FROM")} == {"python:3.13-slim"}
    assert 'CMD ["sandbox", "--host", "0.0.0.0"]' in instructions
    assert run(["sandbox", "--help"]) == 0
    assert "--host" in capsys.readouterr().out


def test_the_hooks_of_pre_commit_run_commands_that_exist(capsys: pytest.CaptureFixture[str]) -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    assert [hook["entry"] for hook in hooks] == ["sleeptalk lint", "sleeptalk generate --check"]
    for hook in hooks:
        words = hook["entry"].split()[1:]
        assert run([words[0], "--help"]) == 0
        shown = capsys.readouterr().out
        assert all(word in shown for word in words[1:])

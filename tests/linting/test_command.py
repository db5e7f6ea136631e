"""`sleeptalk lint` as a program: what it prints and how it exits."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from sleeptalk_contract.contract.document import folder as project_folder
from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.node import redocly
from tests.linting.documents import SOUND
from tests.node_tools import needs_node

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = needs_node

DEEP = f"""
openapi: 3.1.0
info: {{title: Deep, version: "1"}}
paths: {{}}
components: {{schemas: {{A: {"{items: " * 90}{{}}{"}" * 90}}}}}
"""


def lint(*arguments: str | Path, folder: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sleeptalk_contract", "lint", *map(str, arguments)],
        check=False,
        capture_output=True,
        text=True,
        cwd=folder,
        env=os.environ | environment,
    )


def test_the_documents_of_the_project_have_no_problem_and_their_scores_reach_the_summary(tmp_path: Path) -> None:
    summary = tmp_path / "summary.md"
    run = lint(GITHUB_STEP_SUMMARY=str(summary))
    assert (run.returncode, run.stderr) == (0, ""), run.stdout
    assert "3 documents, 0 problems." in run.stdout
    assert "| asleep |" in summary.read_text()
    assert "| phonexia |" in summary.read_text()


def test_the_documents_are_those_of_the_checkout_that_one_stands_in(tmp_path: Path) -> None:
    openapi = tmp_path / "openapi"
    shutil.copytree(
        project_folder(), openapi, ignore=shutil.ignore_patterns("node_modules", "asleep.yaml", "asleep-v3.yaml")
    )
    (openapi / "node_modules").symlink_to(project_folder() / "node_modules")
    (tmp_path / "overrides" / "templates").mkdir(parents=True)
    (openapi / "naps.yaml").write_text(SOUND, encoding="utf-8")
    shutil.copy(project_folder() / "rules" / "asleep.yaml", openapi / "rules" / "naps.yaml")
    floors = {"agent_readiness": 0, "discoverability": 0}
    (openapi / "scores.json").write_text(json.dumps({"naps": floors, "phonexia": floors}), encoding="utf-8")
    run = lint(folder=openapi)
    assert (run.returncode, run.stderr) == (0, ""), run.stdout
    assert [line.partition(":")[0] for line in run.stdout.splitlines()[:2]] == ["naps", "phonexia"]
    assert "2 documents, 0 problems." in run.stdout
    (openapi / "scores.json").write_text(json.dumps({"phonexia": floors}), encoding="utf-8")
    assert "openapi/scores.json has no floor for naps" in lint(folder=openapi).stderr


def test_a_summary_that_cannot_be_written_decides_nothing(tmp_path: Path) -> None:
    summary = tmp_path / "absent" / "summary.md"
    run = lint(GITHUB_STEP_SUMMARY=str(summary))
    assert run.returncode == 0, run.stdout
    assert run.stderr == f"The step summary {summary} cannot be written (No such file or directory).\n"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are neither named pipes nor devices")
def test_a_device_or_a_pipe_which_may_never_end_is_refused(tmp_path: Path) -> None:
    pipe = tmp_path / "naps.yaml"
    os.mkfifo(pipe)
    for file in (pipe, "/dev/zero"):
        run = lint(file)
        assert (run.returncode, run.stdout) == (2, "")
        assert run.stderr == f"sleeptalk: {file} is a device or a pipe: name a file.\n"


def test_a_key_that_a_file_of_versions_does_not_have_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "versions").mkdir()
    file = tmp_path / "naps.yaml"
    file.write_text(SOUND, encoding="utf-8")
    versions = tmp_path / "versions" / "naps.yaml"
    sound = "before: dreams\nsource: {}\noperations: {}\nschemas: []\nrenamed: {}\nremarks: {}\n"
    versions.write_text(f"{sound}renames: {{}}\n", encoding="utf-8")
    run = lint(file)
    assert run.returncode == 1
    assert run.stdout.startswith(f"{versions}:7:1  ")
    assert "renames is not one of the keys before, " in run.stdout
    versions.write_text(f"{sound}404: {{}}\n", encoding="utf-8")
    assert lint(file).stdout.startswith(f"{versions}:7:1  ")


def test_a_problem_is_one_line_with_file_line_and_column(tmp_path: Path) -> None:
    file = tmp_path / "naps.yaml"
    file.write_text(SOUND.replace("summary: Get a nap", "summary: Get A Nap"), encoding="utf-8")
    run = lint(file)
    assert run.returncode == 1
    assert f"{file}:19:16  house/summary-sentence-case  " in run.stdout
    assert "1 document, 1 problem." in run.stdout


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: [1", "This is not YAML"),
        ("a: [\n  1\n  ]\nb: {c: [\n1\n]}\nopenapi: [", "This is not YAML"),
        ("- 1\n", "An OpenAPI document is a mapping"),
        ("{}", "openapi"),
        (
            f"{SOUND}x-day: 2030-02-31\n",
            'yaml/quoted-scalar  YAML readers disagree on 2030-02-31. Right: "2030-02-31" in quotes.',
        ),
        (f"{SOUND}x-digits: {'9' * 5000}\n", "This is not YAML: Exceeds the limit"),
        (f"{SOUND}x-deep: {'[' * 3000}{']' * 3000}\n", "yaml  This is nested too deeply to be read."),
        ("responses:\n  200: {}\n", ":2:3  yaml  The key 200 is not a string to every reader: put it in quotes."),
        (DEEP, "It is nested too deeply to be checked"),
    ],
)
def test_a_file_that_is_not_a_document_is_a_problem(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "naps.yaml"
    file.write_text(text, encoding="utf-8")
    run = lint(file)
    assert run.returncode == 1
    assert says in run.stdout


def test_the_catalogue_beside_a_document_is_checked_with_it(tmp_path: Path) -> None:
    file = tmp_path / "naps.yaml"
    file.write_text(SOUND, encoding="utf-8")
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "naps.yaml").write_text("sources: [", encoding="utf-8")
    run = lint(file)
    assert (run.returncode, run.stderr) == (1, "")
    assert run.stdout.startswith(f"{tmp_path / 'rules' / 'naps.yaml'}:2:1  yaml  This is not YAML")
    assert "1 document, 1 problem." in run.stdout


def test_a_checkout_without_its_node_tools_is_told_its_keys_without_quotes_and_what_is_missing(tmp_path: Path) -> None:
    openapi = tmp_path / "openapi"
    openapi.mkdir()
    (tmp_path / "overrides" / "templates").mkdir(parents=True)
    (openapi / "beds.yaml").write_text(SOUND, encoding="utf-8")
    (openapi / "naps.yaml").write_text("on: {}\n2030-01-31: {}\n", encoding="utf-8")
    run = lint(folder=openapi)
    assert run.returncode == 2
    assert run.stdout.splitlines() == [
        "naps.yaml:1:1  yaml  The key on is not a string to every reader: put it in quotes.",
        "naps.yaml:2:1  yaml  The key 2030-01-31 is not a string to every reader: put it in quotes.",
    ]
    assert (
        run.stderr == f"sleeptalk: Redocly is not installed under {openapi}: run scripts/setup-node in that checkout.\n"
    )


def test_who_has_no_checkout_is_told_to_clone_one_for_its_node_tools(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sleeptalk_contract.node.current_folder", lambda: tmp_path)
    with pytest.raises(UsageError, match="comes with a checkout of sleeptalk"):
        redocly("--version")


def test_what_only_strict_yaml_readers_refuse_is_a_problem_too(tmp_path: Path) -> None:
    file = tmp_path / "naps.yaml"
    file.write_text(SOUND.replace("tags: [Naps]\n      parameters", "tags: [\n        Naps\n      ]\n      parameters"))
    run = lint(file)
    assert run.returncode == 1
    assert f"{file}:" in run.stdout
    assert "This is not YAML 1.2" in run.stdout


def test_a_file_that_cannot_be_read_makes_the_run_impossible(tmp_path: Path) -> None:
    absent = lint(tmp_path / "absent.yaml")
    assert (absent.returncode, absent.stdout) == (2, "")
    assert absent.stderr.startswith("sleeptalk: ")
    assert absent.stderr.count("\n") == 1
    binary = tmp_path / "binary.yaml"
    binary.write_bytes(b"a: \xff")
    assert lint(binary).returncode == 2

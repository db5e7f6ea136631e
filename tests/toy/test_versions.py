"""A second version that reuses the rules, faults and sandbox of the first goes through all of it, beside the first."""

import importlib
import json
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from sleeptalk_contract.commands.program import run
from sleeptalk_contract.contract.service import Service
from sleeptalk_contract.mutation.trials import trials
from sleeptalk_contract.reference.site import files
from sleeptalk_contract.sandbox.server import running
from sleeptalk_contract.sandbox.web import sandbox_app
from tests.architecture.source import ROOT
from tests.node_tools import needs_node

HEADERS = {"x-kettle-key": "kitchen-key"}

SANDBOX = """
import sys
import kettle, kettle_v2
from sleeptalk_contract.commands.program import run
sys.exit(run(sys.argv[1:], lambda: [kettle.SERVICE, kettle_v2.SERVICE]))
"""


@pytest.fixture
def command(versions: list[Service], monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """The command line of both versions."""
    monkeypatch.setenv("KETTLE_KEY", HEADERS["x-kettle-key"])
    return lambda *arguments: run(list(arguments), lambda: versions)


@pytest.fixture
def project(toy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with the documents of both, which is the working folder."""
    shutil.copytree(toy / "openapi", tmp_path / "openapi")
    shutil.copytree(ROOT / "openapi" / "style", tmp_path / "openapi" / "style")
    (tmp_path / "openapi" / "node_modules").symlink_to(ROOT / "openapi" / "node_modules")
    shutil.copytree(ROOT / "overrides" / "templates", tmp_path / "overrides" / "templates")
    (tmp_path / "overrides" / "overrides.toml").write_text("", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_each_version_is_generated_into_a_package_of_its_own(command: Callable[..., int], project: Path) -> None:
    assert command("generate") == 0
    for package, path in (("kettle", "/kettles/{kettle_id}"), ("kettle_v2", "/v2/kettles/{kettle_id}")):
        client = (project / "generated" / "sleeptalk_generated" / package / "client.py").read_text(encoding="utf-8")
        assert "def get_kettle(" in client
        operations = "".join(
            each.read_text(encoding="utf-8") for each in (project / "generated").glob(f"*/{package}/*.py")
        )
        assert f'"{path}"' in operations


@pytest.mark.parametrize(("name", "path"), [("kettle", "/kettles"), ("kettle-v2", "/v2/kettles")])
def test_the_sandbox_serves_one_version_with_a_fault_that_both_have(toy: Path, name: str, path: str) -> None:
    options = [name, "--port", "0", "--fault", "kettle.celsius-values"]
    with subprocess.Popen(
        [sys.executable, "-u", "-c", SANDBOX, "sandbox", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={"PYTHONPATH": str(toy)},
    ) as process:
        try:
            assert process.stdout is not None
            first, second = process.stdout.readline(), process.stdout.readline()
            served = re.match(rf"The sandbox serves {name} at (\S+);", first)
            assert served, first + second
            assert "It breaks kettle.celsius-values:too-hot" in second
            answer = httpx.get(f"{served[1]}{path}/k0001", headers=HEADERS, trust_env=False)
            assert answer.json() == {"id": "k0001", "celsius": 200}
        finally:
            process.terminate()


def test_each_version_is_fuzzed_by_the_rules_that_they_share(
    command: Callable[..., int], versions: list[Service], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for target in ("kettle", "kettle-v2", "cup-v2"):
        assert command("fuzz", target, "--max-examples", "5") == 0
    options = ("--kettle-id", "k0001", "--max-examples", "5", "--report-dir", str(tmp_path))
    with running(sandbox_app(versions, HEADERS, versions[1].faults_named("kettle.shape"))) as server:
        assert command("fuzz", "kettle-v2", "--url", server.url, *options) == 1
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert report["target"] == "kettle-v2"
    assert [rule["id"] for rule in report["rules"] if rule["outcome"] == "failed"] == ["kettle.shape"]
    assert "kettle.shape" in capsys.readouterr().out


def test_a_trial_is_named_by_its_target_where_versions_share_a_rule(
    command: Callable[..., int], versions: list[Service], tmp_path: Path
) -> None:
    planned = trials(versions, (), 1, 1)
    assert set(Counter(trial.full_name for trial in planned).values()) == {1}
    assert all(trial.is_honest == (trial.fault is None) for trial in planned)
    assert command("prove", "--jobs", "1", "--rule", "kettle.shape", "--report-dir", str(tmp_path)) == 0
    proven = json.loads((tmp_path / "prove.json").read_text(encoding="utf-8"))
    assert [(row["fault"], row["named"]) for row in proven["matrix"]] == [
        ("kettle kettle:honest", None),
        ("kettle-v2 kettle:honest", None),
        ("kettle kettle.shape:no-id", True),
        ("kettle-v2 kettle.shape:no-id", True),
    ]


def test_a_trial_is_of_its_own_target_where_two_of_a_service_share_a_group(
    versions: list[Service], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = versions[0]
    mug = replace(first.targets[1], name="mug")
    service = replace(first, targets=(*first.targets, mug))
    monkeypatch.setattr(importlib.import_module(first.module), "SERVICE", service)
    planned = trials([service], ["cup.hears", "whistle.shape"], 1, 0)
    assert [(trial.full_name, trial.target.name, trial.is_of_a_sender) for trial in planned] == [
        ("cup cup.hears:deaf", "cup", False),
        ("cup whistle.shape:no-kettle", "cup", True),
        ("mug cup.hears:deaf", "mug", False),
        ("mug whistle.shape:no-kettle", "mug", True),
    ]


def test_the_reference_leads_to_the_rules_of_each_version(versions: list[Service]) -> None:
    made = files(versions)
    for name in ("rules.html", "index.html", "fields-kettle-v2.html"):
        assert set(Counter(re.findall(r' id="([^"]*)"', made[name])).values()) <= {1}
    assert 'href="rules.html#kettle.shape"' in made["fields-kettle.html"]
    assert 'href="rules.html#kettle-v2:kettle.shape"' in made["fields-kettle-v2.html"]
    assert "rules.html#kettle-v2:kettle.shape" in made["kettle-v2-getKettle.html"]
    anchors = set(re.findall(r' id="([^"]*)"', made["rules.html"]))
    for name in ("index.html", "fields-kettle.html", "fields-kettle-v2.html"):
        assert set(re.findall(r'rules\.html#([^"\\]+)"', made[name])) <= anchors


@needs_node
def test_a_change_of_one_version_is_of_that_version_alone(
    command: Callable[..., int], project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "Add both"]):
        identity = ["-c", "user.name=a", "-c", "user.email=a@kettles.example"]
        subprocess.run(["git", *identity, *arguments], cwd=project, check=True)
    file = project / "openapi" / "kettle-v2.yaml"
    text = file.read_text(encoding="utf-8").replace("required: [celsius]\n", "required: [celsius, litres]\n")
    file.write_text(text.replace("x-rule: kettle.celsius-values, ", ""), encoding="utf-8")
    assert command("diff", "HEAD", "--format", "json") == 0
    changes = json.loads(capsys.readouterr().out)["changes"]
    assert {change["document"] for change in changes} == {"kettle-v2"}
    assert {"Water", "kettle.celsius-values"} <= {change["subject"] for change in changes}
    assert all(change["place"].startswith("#/") for change in changes if change["kind"] != "client")

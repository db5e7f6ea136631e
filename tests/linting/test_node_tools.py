"""The Node tools are pinned, come without addresses, and run with the Node of the virtual environment."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from sleeptalk_contract import node
from sleeptalk_contract.contract.document import folder
from sleeptalk_contract.contract.usage import UsageError
from tests.node_tools import needs_node


def read(name: str) -> Any:
    return json.loads((folder() / name).read_text(encoding="utf-8"))


def test_every_tool_is_pinned_exactly_and_locked() -> None:
    wanted = read("package.json")["dependencies"]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted.values())
    packages = read("package-lock.json")["packages"]
    assert packages[""]["dependencies"] == wanted
    assert all(packages[f"node_modules/{name}"]["version"] == version for name, version in wanted.items())


def test_the_lock_names_hashes_and_no_address() -> None:
    packages = {name: entry for name, entry in read("package-lock.json")["packages"].items() if name}
    assert all(entry["integrity"].startswith("sha512-") for entry in packages.values())
    assert not any("resolved" in entry for entry in packages.values())


def test_without_the_node_tools_there_is_a_sentence_that_names_the_script(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node, "current_folder", lambda: folder() / "absent")
    with pytest.raises(UsageError, match="run scripts/setup-node"):
        node.redocly("--version")


@needs_node
def test_redocly_runs_in_its_pinned_version_and_sees_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASLEEP_API_KEY", "secret")
    seen: dict[str, Any] = {}
    run = node.subprocess.run

    def spy(*arguments: Any, **options: Any) -> Any:
        seen.update(options)
        return run(*arguments, **options)

    monkeypatch.setattr(node.subprocess, "run", spy)
    assert node.redocly("--version").stdout.strip() == read("package.json")["dependencies"]["@redocly/cli"]
    assert seen["env"]["REDOCLY_TELEMETRY"] == "off"
    assert "ASLEEP_API_KEY" not in seen["env"]

"""Express is pinned, and its lock names hashes and no address."""

import json
import re
from typing import Any

from tests.implementations.stacks.serving import EXPRESS


def read(name: str) -> Any:
    return json.loads((EXPRESS / name).read_text(encoding="utf-8"))


def test_express_is_pinned_and_its_lock_names_hashes_and_no_address() -> None:
    wanted = read("package.json")["dependencies"]
    packages = read("package-lock.json")["packages"]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted.values())
    assert packages.pop("")["dependencies"] == wanted
    assert all(entry["integrity"].startswith("sha512-") and "resolved" not in entry for entry in packages.values())

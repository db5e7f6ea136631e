"""Every example in a public docstring runs, against the sandbox."""

import ast
import asyncio
import importlib
import inspect
import json
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sleeptalk import asleep, asleep_v3, phonexia
from sleeptalk_contract.sandbox.server import running
from sleeptalk_contract.sandbox.web import sandbox_app
from sleeptalk_contract.services.asleep.sandbox.nights import SANDBOX_API_KEY, SANDBOX_USER_ID
from sleeptalk_contract.services.phonexia.recordings import wav
from sleeptalk_contract.services.registered import SERVICES
from tests.clients.bodies import example

PACKAGES = (
    "sleeptalk",
    "sleeptalk.asleep",
    "sleeptalk.asleep_v3",
    "sleeptalk.phonexia",
    "sleeptalk.callback",
    "sleeptalk.errors",
)


def documented() -> Iterator[tuple[str, str, Any]]:
    """Return each public name with its docstring, and the package that it belongs to."""
    for name in PACKAGES:
        package = importlib.import_module(name)
        yield name, package.__doc__ or "", package
        for member in getattr(package, "__all__", ()):
            value = getattr(package, member)
            if inspect.isclass(value) or inspect.isfunction(value):
                yield f"{name}.{member}", inspect.getdoc(value) or "", package
                for method, function in inspect.getmembers(value, inspect.isfunction):
                    if not method.startswith("_"):
                        yield f"{name}.{member}.{method}", inspect.getdoc(function) or "", package


def examples_in(text: str) -> list[str]:
    """Return the indented blocks of a docstring; the indented lines that continue a list item do not count."""
    blocks = re.findall(r"(?:^|\n)\n((?:    .*\n?|\n(?=    ))+)", text)
    return [textwrap.dedent(block) for block in blocks]


NIGHTS = {
    asleep: asleep.parse(json.dumps(example("SessionComplete"))),
    asleep_v3: asleep_v3.parse(json.dumps(example("SessionComplete", "asleep-v3"))),
}
EXAMPLES = [
    pytest.param(block, package, id=f"{name}-{number}")
    for name, text, package in documented()
    for number, block in enumerate(examples_in(text))
]


@pytest.fixture(scope="module")
def sandbox_url() -> Iterator[str]:
    with running(sandbox_app(SERVICES)) as server:
        yield server.url


@pytest.mark.parametrize(("program", "package"), EXAMPLES)
@pytest.mark.usefixtures("clock")
def test_an_example_runs(
    *, program: str, package: Any, sandbox_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "call.wav").write_bytes(wav([(0.5, 1.5)], [(2.0, 2.5)], seconds=3))
    monkeypatch.chdir(tmp_path)
    program = program.replace("http://appliance:8000", sandbox_url)
    keys = f'api_key="{SANDBOX_API_KEY}", user_id="{SANDBOX_USER_ID}", base_url="{sandbox_url}"'
    program = program.replace('api_key="...", user_id="..."', keys).replace('"..."', f'"{SANDBOX_API_KEY}"')
    names = {name: getattr(package, name) for name in package.__all__}
    names |= {
        "body": json.dumps(example("CallbackComplete")).encode(),
        "headers": {"x-api-key": SANDBOX_API_KEY},
        "night": NIGHTS.get(package, NIGHTS[asleep]),
        "task": phonexia.parse(json.dumps(example("TimeAnalysisDone", "phonexia"))),
    }
    code = compile(program, "<docstring>", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    waiting = eval(code, names)  # the project's own docstrings
    if inspect.iscoroutine(waiting):
        asyncio.run(waiting)


def test_the_examples_are_found() -> None:
    found = {str(parameter.id).rpartition("-")[0] for parameter in EXAMPLES}
    assert {"sleeptalk.asleep", "sleeptalk.phonexia", "sleeptalk.callback", "sleeptalk.asleep.Asleep"} <= found
    assert {"sleeptalk.asleep_v3", "sleeptalk.asleep_v3.Asleep.list_sessions"} <= found
    assert {"sleeptalk.asleep.AsyncAsleep", "sleeptalk.phonexia.Phonexia", "sleeptalk.phonexia.AsyncPhonexia"} <= found

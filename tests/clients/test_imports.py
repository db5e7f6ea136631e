"""What a module may import: the runtime knows no service, and the HTTP library has one name in one module."""

import ast
import importlib
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import sleeptalk
from sleeptalk.runtime import connections

ROOT = Path(sleeptalk.__file__).parent
MODULES = {".".join(path.relative_to(ROOT.parent).with_suffix("").parts): path for path in ROOT.rglob("*.py")}
LONGEST_MODULE = 400  # lines
SERVICES = ("asleep", "asleep_v3", "phonexia", "callback", "drawing", "plot", "errors")
OF_A_SERVICE = re.compile(
    r"\b(asleep|phonexia|callbacks?|sessions?|nights?|hypnogram|conversations?|time analysis|task (id|not|timeout))\b",
    re.IGNORECASE,
)
MAY_NAME_A_SERVICE = re.compile(
    r"sleeptalk\.(__init__$|(asleep|asleep_v3|phonexia|callback|errors)\.|drawing\.(__init__|nights|conversations)$|plot$)"
)
"""The package's own docstring, the modules of one service, the errors, and the faces of the two pictures."""


def imports_of(path: Path, *, typing: bool = True) -> Iterator[str]:
    """Yield what a module imports, with or without what only type checkers import."""
    tree = ast.parse(path.read_text("utf-8"))
    if not typing:
        tree.body = [
            part
            for node in tree.body
            for part in (node.orelse if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test) else [node])
        ]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.module is not None
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def importers_of(package: str, *, typing: bool) -> set[str]:
    return {
        name
        for name, path in MODULES.items()
        if any(module.split(".")[0] == package for module in imports_of(path, typing=typing))
    }


def test_one_module_names_the_http_library_and_none_what_is_beneath_it() -> None:
    for library in ("httpx", "httpx2"):
        assert importers_of(library, typing=True) == {"sleeptalk.runtime.http"}
        assert importers_of(library, typing=False) == {"sleeptalk.runtime.http"}
    for library in ("httpcore", "httpcore2"):
        assert importers_of(library, typing=True) == set()


def test_the_runtime_knows_no_service() -> None:
    wanted = [f"{package}.{service}" for package in ("sleeptalk", "sleeptalk_generated") for service in SERVICES]
    found = {
        (name, module)
        for name, path in MODULES.items()
        if name.startswith("sleeptalk.runtime")
        for module in imports_of(path)
        if any(module == service or module.startswith(f"{service}.") for service in wanted)
    }
    assert not found


def names_in(path: Path) -> Iterator[str]:
    """Yield every name and every text of a module, docstrings included."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        for _, value in ast.iter_fields(node):
            yield from (part for part in (value if isinstance(value, list) else [value]) if isinstance(part, str))


def of_a_service(text: str) -> bool:
    """Return whether a name or a text belongs to one service: the service, or what its document is about."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text).replace("_", " ")
    return OF_A_SERVICE.search(words) is not None


@pytest.mark.parametrize("name", [name for name in MODULES if not MAY_NAME_A_SERVICE.match(name)])
def test_no_module_outside_those_of_a_service_names_one(name: str) -> None:
    assert [text for text in names_in(MODULES[name]) if of_a_service(text)] == []


def test_a_name_of_a_service_is_found() -> None:
    found = {
        name.removeprefix("sleeptalk.") for name, path in MODULES.items() if any(map(of_a_service, names_in(path)))
    }
    assert {"errors.__init__", "errors.phonexia", "asleep.night", "phonexia.client", "callback.keys"} <= found
    for text in ("TaskNotFound", "GET_SESSION", "AsleepMethods", "as Phonexia does", "Asleep", "a night", "task_id"):
        assert of_a_service(text)
    for text in ("sleeptalk", "a task of asyncio", "create_task", "Overrides"):
        assert not of_a_service(text)


def test_imports_stand_at_the_top_except_for_those_that_most_programs_need_not_wait_for() -> None:
    found = {
        (name, node.module if isinstance(node, ast.ImportFrom) else node.names[0].name)
        for name, path in MODULES.items()
        for function in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef))
        for node in ast.walk(function)
        if isinstance(node, (ast.Import, ast.ImportFrom))
    }
    assert found == {
        ("sleeptalk.runtime.event_loops", "asyncio"),
        ("sleeptalk.runtime.event_loops", "trio"),
        ("sleeptalk.plot", "matplotlib.figure"),
        ("sleeptalk.asleep.nights", "sleeptalk.drawing"),
        ("sleeptalk.asleep.night", "sleeptalk.asleep_v3.night"),
        ("sleeptalk.asleep.nulls", "sleeptalk.asleep_v3.null_rules"),
        ("sleeptalk.phonexia.task", "sleeptalk.drawing"),
        ("sleeptalk.callback.durable.stores", "sleeptalk.callback.durable.sqlite"),
        ("sleeptalk.callback.durable.stores", "sleeptalk.callback.durable.postgres"),
    }


def test_no_module_imports_itself_by_way_of_others() -> None:
    edges = {name.removesuffix(".__init__"): set(imports_of(path)) & set(MODULES) for name, path in MODULES.items()}
    done: set[str] = set()

    def visit(name: str, way: tuple[str, ...]) -> None:
        assert name not in way, " imports ".join([*way, name])
        if name not in done:
            for target in sorted(edges[name]):
                visit(target, (*way, name))
            done.add(name)

    for name in edges:
        visit(name, ())


def test_the_versions_of_what_private_parts_are_used_of_are_bounded() -> None:
    project = tomllib.loads((ROOT.parents[1] / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["httpx2"]]
    bounds = {name: bound for name, _, bound in (entry.partition(">=") for entry in wanted)}
    assert bounds["httpx"].endswith(",<0.29")
    assert bounds["httpcore"].endswith(",<1.1")
    assert bounds["httpx2"].endswith(",<3")
    assert bounds["httpcore2"].endswith(",<3")


@pytest.mark.parametrize("library", ["httpx", "httpx2"])
def test_the_private_parts_are_there(library: str) -> None:
    http = pytest.importorskip(library)
    core = importlib.import_module(library.replace("httpx", "httpcore"))
    with http.Client(mounts={"http://": http.HTTPTransport()}) as client:
        parts: list[Any] = [client, client._transport, core.AsyncConnectionPool()]
        transport = http.HTTPTransport()
        transport._pool = core.ConnectionPool(network_backend=core.MockBackend([b"HTTP/1.1 204 X\r\n\r\n"]))
        part: Any = transport.handle_request(http.Request("GET", "http://a")).stream
        while part is not None:  # from the stream of an answer down to its connection
            parts.append(part)
            part = next(
                (vars(part)[name] for name in ("_httpcore_stream", "_stream", "_connection") if name in vars(part)),
                None,
            )
        transport.close()
    for name in re.findall(r"`(_\w+)`", connections.__doc__ or ""):
        assert any(hasattr(part, name) for part in parts), name


@pytest.mark.parametrize("name", MODULES)
def test_a_module_is_not_too_long(name: str) -> None:
    assert len(MODULES[name].read_text("utf-8").splitlines()) <= LONGEST_MODULE


def imported(program: str) -> set[str]:
    """Return the modules that a fresh interpreter imports for a program.

    What it has imported before does not count: coverage starts in every process that is measured.
    """
    after = "print(json.dumps(sorted({*sys.modules} - before)))"
    program = f"import json, sys; before = set(sys.modules)\n{program}\n{after}"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


def test_a_program_without_async_calls_does_not_import_asyncio() -> None:
    assert imported("from sleeptalk.asleep import Asleep; Asleep('key', 'user')").isdisjoint({"asyncio"})


def test_receiving_callbacks_takes_no_http_client_and_no_database() -> None:
    assert imported("import sleeptalk.callback, sleeptalk.errors").isdisjoint(
        {"httpx", "sleeptalk.asleep", "sqlite3", "psycopg", "procrastinate"}
    )


def test_no_part_of_the_package_needs_the_tools() -> None:
    program = """
import importlib, pkgutil, sys
sys.modules["click"] = None  # httpx imports it, for its own command, where it is there
import sleeptalk
for module in pkgutil.walk_packages(sleeptalk.__path__, "sleeptalk."):
    if module.name != "sleeptalk.plot" and "postgres" not in module.name:  # they come with extras of their names
        importlib.import_module(module.name)
"""
    tools = {"sleeptalk_contract", "starlette", "schemathesis", "uvicorn", "yaml", "jsonschema_rs", "rich"}
    assert imported(program).isdisjoint(tools)


PACKAGES = ["sleeptalk.asleep", "sleeptalk.asleep_v3", "sleeptalk.phonexia", "sleeptalk.callback", "sleeptalk.errors"]


@pytest.mark.parametrize("package", PACKAGES)
def test_every_public_name_is_there(package: str) -> None:
    program = f"import {package} as p; assert all(getattr(p, name) is not None for name in p.__all__)"
    assert package in imported(program)


@pytest.mark.parametrize("package", PACKAGES)
def test_every_public_name_is_listed_before_it_is_used(package: str) -> None:
    program = f"import {package} as p; assert set(p.__all__) == set(dir(p)), dir(p)"
    assert package in imported(program)


def test_a_name_that_is_not_there_says_so() -> None:
    import sleeptalk.asleep

    with pytest.raises(AttributeError, match="no attribute 'Nigth'"):
        _ = sleeptalk.asleep.Nigth  # type: ignore[attr-defined]

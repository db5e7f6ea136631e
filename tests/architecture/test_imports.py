"""The import rule: commands -> services -> the engine -> contract -> sleeptalk -> sleeptalk_generated, no circles."""

from collections.abc import Iterable, Mapping

import pytest

from tests.architecture.source import TOOLS, imports, modules

ENGINE = {
    "diffing",
    "fuzzing",
    "generation",
    "judging",
    "linting",
    "listening",
    "mutation",
    "node",
    "proxying",
    "recording",
    "reference",
    "reporting",
    "sandbox",
}
LAYERS = (
    {"sleeptalk_generated"},
    {"sleeptalk"},
    {"contract"},
    ENGINE,
    {"services"},
    {"commands", "conformance", "hooks", "responses", "pytest_plugin", "__main__", TOOLS},
)
"""Each may import what stands before it, and its own layer."""

MODULES = pytest.mark.parametrize("module", modules())


def room(module: str) -> str:
    """The part of the project that a module belongs to."""
    parts = module.split(".")
    return parts[1] if parts[0] == TOOLS and len(parts) > 1 else parts[0]


def layer(module: str) -> int:
    return next(number for number, rooms in enumerate(LAYERS) if room(module) in rooms)


def circle(graph: Mapping[str, Iterable[str]]) -> list[str]:
    """Return a circle of a graph, its first member repeated at the end; empty where there is none."""
    done: set[str] = set()

    def search(node: str, way: list[str]) -> list[str]:
        if node in way:
            return [*way[way.index(node) :], node]
        if node in done:
            return []
        for following in sorted(graph.get(node, ())):
            if found := search(following, [*way, node]):
                return found
        done.add(node)
        return []

    return next((found for node in sorted(graph) if (found := search(node, []))), [])


@MODULES
def test_a_module_imports_nothing_above_it(module: str) -> None:
    above = [other for other in sorted(imports(module)) if layer(other) > layer(module)]
    assert above == []


@MODULES
def test_only_the_entries_know_which_services_are_registered(module: str) -> None:
    if layer(module) < len(LAYERS) - 1:
        assert f"{TOOLS}.services.registered" not in imports(module)


def test_only_the_list_of_services_and_the_fixtures_of_pytest_name_a_service() -> None:
    """The fixtures of a plugin are attributes of its module, so it names the services whose fixtures it has."""
    services = f"{TOOLS}.services."
    naming = {
        module
        for module in modules()
        if module == f"{services}registered" or (module.startswith(TOOLS) and not module.startswith(services))
        for other in imports(module)
        if other.startswith(services) and other != f"{services}registered"
    }
    assert naming == {f"{services}registered", f"{TOOLS}.pytest_plugin"}


def test_there_is_no_circle_of_modules() -> None:
    assert circle({module: imports(module, at_run_time=True) for module in modules()}) == []


def test_there_is_no_circle_of_rooms() -> None:
    graph: dict[str, set[str]] = {}
    for module in modules():
        if module.startswith(TOOLS):
            graph.setdefault(room(module), set()).update(
                room(other) for other in imports(module) if room(other) != room(module)
            )
    assert circle(graph) == []


def test_a_circle_is_found() -> None:
    assert circle({"a": ["b"], "b": ["c"], "c": ["b"]}) == ["b", "c", "b"]
    assert circle({"a": ["b", "c"], "b": ["c"], "c": []}) == []

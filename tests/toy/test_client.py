"""The toy read through its generated client: the methods of its document, carried out by the runtime of all clients."""

from __future__ import annotations

import asyncio
import importlib
import sys
from typing import TYPE_CHECKING, Any

import pytest

from sleeptalk.errors import RequestRefused, Unauthorized, UnexpectedStatus
from sleeptalk.runtime.async_client import AsyncClient
from sleeptalk.runtime.options import Secret
from sleeptalk.runtime.sync_client import SyncClient
from sleeptalk_contract.contract.document import Document, current_folder
from sleeptalk_contract.generation.rendering import render
from sleeptalk_contract.sandbox.embedded import Embedded, embedded
from tests.clients.hostile import answer, hostile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from types import ModuleType

    from sleeptalk_contract.contract.service import Service, Target


@pytest.fixture(scope="module")
def package(service: Service, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Generate the package of the toy's document, and name it as it is imported."""
    folder: Path = tmp_path_factory.mktemp("generated")
    templates = current_folder().parent / "overrides" / "templates"
    for path, text in render([Document.read(service.document)], templates).items():
        target = folder / "generated_toy" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    sys.path.insert(0, str(folder))
    yield "generated_toy.kettle"
    sys.path.remove(str(folder))
    for name in [name for name in sys.modules if name.partition(".")[0] == "generated_toy"]:
        del sys.modules[name]


@pytest.fixture(scope="module")
def its(kettle: Target) -> Iterator[Embedded]:
    with embedded(kettle) as running:
        yield running


@pytest.fixture(scope="module", params=["sync", "async"])
def use(request: pytest.FixtureRequest, package: str, its: Embedded) -> Callable[..., Any]:
    """Call one method of the generated client, sync or async."""
    module: ModuleType = importlib.import_module(f"{package}.client")
    sync = type("SyncKettles", (SyncClient, module.KettleMethods), {})
    waiting = type("AsyncKettles", (AsyncClient, module.AsyncKettleMethods), {})
    ((header, right),) = its.credentials.items()

    def call(method: str, *arguments: object, key: str = right) -> Any:
        secrets = {header: Secret(key)}
        if request.param == "sync":
            with sync(its.url, secrets=secrets) as client:
                return getattr(client, method)(*arguments)

        async def called() -> Any:
            async with waiting(its.url, secrets=secrets) as client:
                return await getattr(client, method)(*arguments)

        return asyncio.run(called())

    return call


BARE = """
from generated_toy.kettle.client import KettleMethods
from sleeptalk.runtime.sync_client import SyncClient

class Kettle(SyncClient, KettleMethods):
    pass

with Kettle(url) as kettle:
    found = kettle.get_kettle("k0001")
"""


@pytest.mark.usefixtures("package")
def test_a_generated_client_needs_no_more_than_an_address() -> None:
    assert len(BARE.strip().splitlines()) < 10
    with hostile(answer({"id": "k0001", "celsius": 12.5})) as server:
        names: dict[str, Any] = {"url": server.url}
        exec(BARE, names)
    assert (names["found"].id, names["found"].celsius) == ("k0001", 12.5)


@pytest.mark.usefixtures("package")
def test_a_status_is_an_error_without_any_override() -> None:
    with hostile(answer({"detail": "boiled dry"}, 404)) as server:
        with pytest.raises(UnexpectedStatus, match=r"The service answered with the status 404.*boiled dry") as caught:
            exec(BARE, {"url": server.url})
        assert caught.value.detail == "boiled dry"


def test_a_body_is_sent_and_the_result_is_an_object_of_the_document(use: Callable[..., Any], package: str) -> None:
    models = importlib.import_module(f"{package}.models")
    filled = use("create_kettle", models.Water(celsius=20))
    assert (type(filled), filled.celsius) == (models.Kettle, 20)


def test_what_exists_is_read(use: Callable[..., Any], package: str, its: Embedded) -> None:
    models = importlib.import_module(f"{package}.models")
    for known in its.known_ids:
        found = use("get_kettle", known)
        assert (type(found), found.id) == (models.Kettle, known)


def test_refusals_are_errors(use: Callable[..., Any], package: str, its: Embedded) -> None:
    models = importlib.import_module(f"{package}.models")
    with pytest.raises(Unauthorized):
        use("get_kettle", its.known_ids[0], key="another-key")
    with pytest.raises(RequestRefused, match="createKettle with the status 400"):
        use("create_kettle", models.Water(celsius=2000))

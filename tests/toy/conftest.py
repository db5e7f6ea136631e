"""The toy service, made in a temporary folder: nothing of this project knows of it."""

import importlib
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sleeptalk_contract.contract.service import Service, Target

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with the document, its catalogue and the module of the toy, which can be imported."""
    folder = tmp_path_factory.mktemp("toy")
    (folder / "openapi" / "rules").mkdir(parents=True)
    shutil.copy(HERE / "kettle.yaml", folder / "openapi" / "kettle.yaml")
    shutil.copy(HERE / "rules.yaml", folder / "openapi" / "rules" / "kettle.yaml")
    shutil.copy(HERE / "kettle.py", folder / "kettle.py")
    text = (HERE / "kettle.yaml").read_text(encoding="utf-8")
    text = text.replace("  /kettles", "  /v2/kettles").replace("title: Kettles,", "title: Kettles v2,")
    (folder / "openapi" / "kettle-v2.yaml").write_text(text, encoding="utf-8")
    shutil.copy(HERE / "rules.yaml", folder / "openapi" / "rules" / "kettle-v2.yaml")
    shutil.copy(HERE / "kettle_v2.py", folder / "kettle_v2.py")
    sys.path.insert(0, str(folder))
    try:
        yield folder
    finally:
        sys.path.remove(str(folder))
        for name in ("kettle", "kettle_v2"):
            sys.modules.pop(name, None)


@pytest.fixture(scope="session")
def service(toy: Path) -> Service:
    found = importlib.import_module("kettle").SERVICE
    assert isinstance(found, Service)
    assert found.document == toy / "openapi" / "kettle.yaml"
    return found


@pytest.fixture(scope="session")
def versions(service: Service) -> list[Service]:
    """The toy, and a second version of it that imports all but its document and its catalogue from the first."""
    second = importlib.import_module("kettle_v2").SERVICE
    assert isinstance(second, Service)
    return [service, second]


@pytest.fixture(scope="session")
def kettle(service: Service) -> Target:
    return service.targets[0]


@pytest.fixture(scope="session")
def cup(service: Service) -> Target:
    return service.targets[1]

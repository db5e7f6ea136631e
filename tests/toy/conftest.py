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
    sys.path.insert(0, str(folder))
    try:
        yield folder
    finally:
        sys.path.remove(str(folder))
        sys.modules.pop("kettle", None)


@pytest.fixture(scope="session")
def service(toy: Path) -> Service:
    found = importlib.import_module("kettle").SERVICE
    assert isinstance(found, Service)
    assert found.document == toy / "openapi" / "kettle.yaml"
    return found


@pytest.fixture(scope="session")
def kettle(service: Service) -> Target:
    return service.targets[0]


@pytest.fixture(scope="session")
def cup(service: Service) -> Target:
    return service.targets[1]

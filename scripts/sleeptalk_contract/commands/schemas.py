"""The JSON Schemas of the files that the tools read and write, as files of the reference."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sleeptalk import recording
from sleeptalk_contract.commands.config import schema_text
from sleeptalk_contract.contract.document import read_text
from sleeptalk_contract.reference.body_schemas import FOLDER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sleeptalk_contract.contract.service import Service

SETTINGS_SCHEMA: Final = "sleeptalk.schema.json"

_PACKAGE: Final = Path(__file__).resolve().parent.parent


def tool_schemas(services: Sequence[Service]) -> dict[str, str]:
    """Return the text of each schema by its path in the site: those of the package, of recordings and of settings."""
    files = sorted(_PACKAGE.rglob("*.schema.json"), key=lambda file: file.name)
    found = {f"{FOLDER}/{file.name}": read_text(file, file.name) for file in files}
    line = f"{json.dumps(recording.schema(), indent=2, ensure_ascii=False)}\n"
    return {**found, f"{FOLDER}/recording.schema.json": line, SETTINGS_SCHEMA: schema_text(services)}

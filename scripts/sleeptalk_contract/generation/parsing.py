"""openapi-python-client's parser, run on a prepared document, with each of its warnings taken as an error."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser.errors import GeneratorError
from openapi_python_client.parser.openapi import Endpoint, GeneratorData

from sleeptalk_contract.generation.preparation import operations
from sleeptalk_contract.generation.text import one_line
from sleeptalk_contract.usage import RunImpossible

if TYPE_CHECKING:
    from collections.abc import Iterable

    from openapi_python_client.parser.errors import ParseError

    from sleeptalk_contract.generation.source import Source

_LONGEST: Final = 300


def parse(source: Source, prepared: dict[str, Any]) -> tuple[GeneratorData, list[Endpoint]]:
    """Parse a prepared document into models, enums and endpoints.

    Raises RunImpossible for everything the generator complains of, and where an operation is missing from its output.
    """
    config = Config.from_sources(
        ConfigFile(post_hooks=[]), MetaType.NONE, Path(source.name), "utf-8", overwrite=False, output_path=None
    )
    try:
        data = GeneratorData.from_dict(prepared, config=config)
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
        # The generator meets some broken documents with whatever exception happens to come out of it.
        reason = _short(str(error) or type(error).__name__)
        raise RunImpossible(f"{source.name} cannot be generated: {reason}") from error
    if isinstance(data, GeneratorError):
        raise RunImpossible(f"{source.name} cannot be generated: {_sentence(data)}")
    collections = data.endpoint_collections_by_tag.values()
    _refuse(source, [*data.errors, *(error for collection in collections for error in collection.parse_errors)])
    endpoints = [endpoint for collection in collections for endpoint in collection.endpoints]
    expected = sum(1 for _ in operations(source, prepared))
    if len(endpoints) != expected:
        raise RunImpossible(f"{source.name} has {expected} operations, of which the generator found {len(endpoints)}.")
    return data, endpoints


def _refuse(source: Source, errors: Iterable[ParseError]) -> None:
    for error in errors:
        raise RunImpossible(f"{source.name} cannot be generated: {_sentence(error)}")


def _sentence(error: GeneratorError) -> str:
    return _short(f"{error.header.strip().rstrip(':')}: {error.detail or 'no detail is given'}")


def _short(text: str) -> str:
    line = one_line(text).rstrip(".")
    return f"{line if len(line) <= _LONGEST else line[:_LONGEST] + ' ...'}."

"""openapi-python-client's parser, run on a prepared document, with each of its warnings taken as an error."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser.errors import GeneratorError
from openapi_python_client.parser.openapi import Endpoint, GeneratorData
from openapi_python_client.schema import OpenAPI
from pydantic import ValidationError

from sleeptalk_contract.contract.documents import token
from sleeptalk_contract.contract.usage import one_line
from sleeptalk_contract.generation.preparation import operations

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sleeptalk_contract.contract.usage import UsageError
    from sleeptalk_contract.generation.source import Source

_LONGEST: Final = 300


def validate(source: Source) -> None:
    """See that the document has the structure of an OpenAPI document, as far as the generator reads it.

    The generator does the same, but without the place of an error. Raises UsageError.
    """
    try:
        OpenAPI.model_validate(source.document)
    except ValidationError as error:
        first = error.errors()[0]
        raise source.refusal(_pointer(source, first["loc"]), _short(first["msg"])) from error


def parse(source: Source, prepared: dict[str, Any]) -> tuple[GeneratorData, list[Endpoint]]:
    """Parse a prepared document into models, enums and endpoints.

    Raises UsageError for everything the generator complains of, and where an operation is missing from its output.
    """
    config = Config.from_sources(
        ConfigFile(post_hooks=[]), MetaType.NONE, Path(source.name), "utf-8", overwrite=False, output_path=None
    )
    try:
        data = GeneratorData.from_dict(prepared, config=config)
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
        # The generator meets some broken documents with whatever exception happens to come out of it.
        reason = _short(str(error) or type(error).__name__)
        raise source.refusal("", f"the generator cannot take this document: {reason}") from error
    if isinstance(data, GeneratorError):
        raise _refusal(source, data)
    collections = data.endpoint_collections_by_tag.values()
    for complaint in [*data.errors, *(error for collection in collections for error in collection.parse_errors)]:
        raise _refusal(source, complaint)
    endpoints = [endpoint for collection in collections for endpoint in collection.endpoints]
    expected = sum(1 for _ in operations(source, prepared))
    if len(endpoints) != expected:
        raise source.refusal("/paths", f"of {expected} operations the generator found {len(endpoints)}.")
    return data, endpoints


def _pointer(source: Source, location: Sequence[int | str]) -> str:
    """Turn the place that pydantic gives into a JSON Pointer, without the steps that are its own."""
    pointer = ""
    for step in location:
        below = f"{pointer}/{token(step)}"
        pointer = below if below in source.lines or step == location[-1] else pointer
    return pointer


def _refusal(source: Source, error: GeneratorError) -> UsageError:
    schema = re.search(r"schema (/components/\S+?):?$", error.header.strip())
    operation = re.search(r"parsing ([A-Z]+) (/\S*) within", error.header)
    pointer = ""
    if schema:
        pointer = schema[1]
    elif operation:
        pointer = f"/paths/{token(operation[2])}/{operation[1].lower()}"
    return source.refusal(pointer, f"the generator cannot take this: {_short(error.detail or error.header)}")


def _short(text: str) -> str:
    line = one_line(text.replace("Unable to parse this part of your OpenAPI document: : ", "")).rstrip(".")
    return f"{line if len(line) <= _LONGEST else line[:_LONGEST] + ' ...'}."

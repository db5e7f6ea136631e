"""Validates a document against the OpenAPI specification itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from openapi_spec_validator import OpenAPIV31SpecValidator
from openapi_spec_validator.exceptions import OpenAPISpecValidatorError
from referencing.exceptions import Unresolvable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

RULE: Final = "openapi"


def specification_errors(document: Mapping[str, Any]) -> Iterator[tuple[tuple[object, ...], str]]:
    """Yield (path of keys, message) for each way in which `document` is no valid OpenAPI 3.1."""
    try:
        for error in OpenAPIV31SpecValidator(dict(document)).iter_errors():
            yield tuple(error.absolute_path), f"{error.message.splitlines()[0]}."
    except OpenAPISpecValidatorError as error:
        yield (), f"{str(error).splitlines()[0]}."
    except Unresolvable as error:
        yield (), f"A $ref leads nowhere: {error.ref}."
    except RecursionError:
        yield (), "It is nested too deeply to be checked. Right: a `$ref` to a component."

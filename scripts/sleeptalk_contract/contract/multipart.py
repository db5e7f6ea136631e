"""Forms of multipart/form-data, as they stand in the body of a request."""

from __future__ import annotations

from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import HTTP
from itertools import pairwise
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_MULTIPART: Final = "multipart/form-data"
_LONGEST_HEAD: Final = 10_000


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a form: its content, and the name of the file that it is, None where it is not one."""

    content: bytes = field(repr=False)
    file_name: str | None = None


def parts_of(content_type: str, body: bytes) -> Mapping[str, Part]:
    """Return the parts of a form by name, of several with one name the last; empty for what is not a form.

    A form that ends too early has the parts that are whole.
    """
    declared = Message()
    declared["content-type"] = content_type.encode("latin-1", "replace").decode("latin-1")
    boundary = declared.get_param("boundary")
    if declared.get_content_type() != _MULTIPART or not isinstance(boundary, str) or not boundary:
        return {}
    delimiter = b"\r\n--" + boundary.encode("latin-1", "replace")
    sections = (b"\r\n" + body).split(delimiter)[1:]
    parts: dict[str, Part] = {}
    for section, following in pairwise(sections):
        head, found, content = section.partition(b"\r\n\r\n")
        if section.startswith(b"--") or not found or len(head) > _LONGEST_HEAD:
            break
        headers = BytesHeaderParser(policy=HTTP).parsebytes(head.lstrip(b" \t\r\n") + b"\r\n\r\n")
        name = headers.get_param("name", header="content-disposition")
        if isinstance(name, str):
            parts[name] = Part(content, headers.get_filename())
        if following.startswith(b"--"):
            break
    return parts

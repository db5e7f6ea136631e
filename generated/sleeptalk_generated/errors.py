# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep.yaml, openapi/phonexia.yaml
"""What the functions of the services raise on their own account."""

from __future__ import annotations


class UnexpectedStatus(Exception):
    """An answer has a status that its document does not list.

    `status` is that status and `content` the body's bytes, which the message leaves out.
    """

    def __init__(self, status: int, content: bytes) -> None:
        super().__init__(f"The status {status} is not documented ({len(content)} bytes of body)")
        self.status = status
        self.content = content

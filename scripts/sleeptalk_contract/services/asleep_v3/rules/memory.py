"""What a run remembers of users and sessions: what was listed, made and deleted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(slots=True)
class Memory:
    """What has been seen so far, by id.

    `listed` is what a list said last of a session, `made` the metadata that a user was made with, `whole` the ids of a
    list that was read in one page before it is read in several, which are `pages`.
    """

    listed: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    deleted_sessions: set[str] = field(default_factory=set)
    made: dict[str, Any] = field(default_factory=dict)
    deleted_users: set[str] = field(default_factory=set)
    whole: list[str] | None = None
    pages: list[str] = field(default_factory=list)

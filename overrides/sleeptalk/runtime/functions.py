"""What can be told of a function of the user's before it is called."""

from __future__ import annotations

import inspect


def is_async(function: object) -> bool:
    """Return whether a function, or the class of an object that can be called, was defined with `async def`."""
    method = getattr(function, "__call__", None)  # noqa: B004  # not whether it can be called, but how
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(method)

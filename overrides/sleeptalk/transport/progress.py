"""Check what a caller gives as `on_progress`, before the first request of a wait."""

from __future__ import annotations

import inspect

from sleeptalk.errors import ConfigurationError


def check_progress(on_progress: object) -> None:
    """Raise ConfigurationError unless it is None or can be called."""
    if on_progress is not None and not callable(on_progress):
        raise ConfigurationError(f"on_progress must be a function, and is a {type(on_progress).__name__}.")


def check_blocking_progress(on_progress: object) -> None:
    """Raise ConfigurationError as well where it is async, as nobody would await it."""
    check_progress(on_progress)
    method = getattr(on_progress, "__call__", None)  # noqa: B004  # that of an object whose class has one
    if inspect.iscoroutinefunction(on_progress) or inspect.iscoroutinefunction(method):
        raise ConfigurationError("on_progress is async, and this client is not: give a plain function.")

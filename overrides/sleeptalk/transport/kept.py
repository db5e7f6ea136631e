"""Answers that httpx does not hand over."""

from __future__ import annotations

from traceback import walk_tb

import httpx


def kept_answer(error: BaseException) -> httpx.Response | None:
    """Give the refusal or the redirect that an exception of httpx is about, its body read or not, or None.

    A hook of the caller's HTTP client may have raised for the status. And httpx prepares the request to which an answer
    redirects even where it is not to be followed: where the address is none, it raises, and only its frame still has
    the answer.
    """
    if isinstance(error, httpx.HTTPStatusError):
        return None if error.response.is_success else error.response
    for frame, _ in walk_tb(error.__traceback__):
        if frame.f_code.co_name == "_send_handling_redirects":
            answer = frame.f_locals.get("response")
            if isinstance(answer, httpx.Response) and answer.has_redirect_location:
                return answer
    return None


def content_of(answer: httpx.Response) -> bytes:
    """Give the body of a kept answer, empty where it had not been read: its connection is closed by now."""
    try:
        return answer.content
    except httpx.ResponseNotRead:
        return b""

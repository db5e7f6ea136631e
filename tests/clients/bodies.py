"""Bodies that keep the contract, taken from the examples of the documents.

Where one answers a request, it is about the session or the task that the tests ask for.
"""

from copy import deepcopy
from typing import Any

from sleeptalk_contract.contract.document import document
from tests.clients.calling import SESSION, TASK


def example(name: str, service: str = "asleep") -> Any:
    """Return a copy of an example's value."""
    return examples(name, service)[name]


def examples(prefix: str, service: str = "asleep") -> dict[str, Any]:
    """Return copies of all examples whose names begin so."""
    found = document(service).root["components"]["examples"]
    return {name: _as_asked_for(value["value"]) for name, value in found.items() if name.startswith(prefix)}


def _as_asked_for(value: Any) -> Any:
    body = deepcopy(value)
    if "task" in body:
        body["task"]["task_id"] = TASK
    elif "session" in (body.get("result") or ()):
        body["result"]["session"]["id"] = SESSION
    return body

"""The sandbox is written by itself, and takes the ids that the documents describe."""

from sleeptalk_contract.contract.documents import document, operation, resolved
from sleeptalk_contract.services.asleep.sandbox.application import SESSION_ID
from sleeptalk_contract.services.phonexia.sandbox.application import TASK_ID


def pattern_of(target: str) -> str:
    parameters = [resolved(document(target), parameter) for parameter in operation(target)["parameters"]]
    [of_path] = [parameter for parameter in parameters if parameter["in"] == "path"]
    return str(resolved(document(target), of_path["schema"])["pattern"])


def test_its_session_ids_and_task_ids_are_those_of_the_documents() -> None:
    assert pattern_of("asleep") == f"^{SESSION_ID.pattern}$"
    assert pattern_of("phonexia") == f"^{TASK_ID.pattern}$"

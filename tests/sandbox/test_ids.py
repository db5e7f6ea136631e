"""The sandbox is written by itself, and takes the ids that the documents describe."""

from sleeptalk_contract.contract.document import document
from sleeptalk_contract.services.asleep.sandbox.application import SESSION_ID
from sleeptalk_contract.services.phonexia.sandbox.application import TASK_ID


def pattern_of(name: str) -> str:
    """The pattern of the one parameter that stands in a path of a document."""
    read = document(name)
    parameters = [parameter for operation in read.operations.values() for parameter in operation.parameters]
    [of_path] = [parameter for parameter in parameters if parameter.place == "path"]
    return str(read.resolved(of_path.schema)["pattern"])


def test_its_session_ids_and_task_ids_are_those_of_the_documents() -> None:
    assert pattern_of("asleep") == f"^{SESSION_ID.pattern}$"
    assert pattern_of("phonexia") == f"^{TASK_ID.pattern}$"

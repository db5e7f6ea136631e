"""A service of a few lines, as a folder under `services/` would hold it: a kettle, and a cup that hears its whistle."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sleeptalk_contract.contract.document import document
from sleeptalk_contract.contract.service import (
    Credential,
    Delivery,
    Fault,
    KnownIds,
    RuleGroup,
    Scenario,
    Service,
    Target,
)
from sleeptalk_contract.fuzzing.probe import Probe, with_spoiled_keys
from sleeptalk_contract.judging.case import Checks, number
from sleeptalk_contract.sandbox.answers import JSON_HEADERS, Answer, answer_with_faults, encode, faults_of_group
from sleeptalk_contract.sandbox.answers import Request as SandboxRequest
from sleeptalk_contract.sandbox.faults import answered, in_body, setting, when, with_status, without
from sleeptalk_contract.sandbox.web import same_header

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sleeptalk_contract.contract.exchange import Exchange, Knowledge
    from sleeptalk_contract.judging.case import Breaches, Case

DOCUMENT: Final = Path(__file__).parent / "openapi" / "kettle.yaml"
HEADER: Final = "x-kettle-key"
KEY: Final = "kitchen-key"
KETTLES: Final = {"cold": ("k0001", 12.5), "boiling": ("k0002", 100)}

KETTLE_CHECKS: Final = Checks()
CUP_CHECKS: Final = Checks()


@KETTLE_CHECKS.rule("kettle.filled-as-asked")
def filled_as_asked(case: Case) -> Breaches:
    """A kettle is as hot as the water that it is filled with."""
    asked, filled = case.exchange.request_json, case.success_body
    if not isinstance(asked, dict) or not isinstance(filled, dict):
        return None
    wanted, got = number(asked.get("celsius")), number(filled.get("celsius"))
    if wanted is None or got is None:
        return None
    return [] if wanted == got else [("/celsius", f"is {got}, not {wanted}")]


@CUP_CHECKS.rule("cup.hears")
def hears(case: Case) -> Breaches:
    """Every whistle with the right key is answered 2xx."""
    whistle = case.exchange.request_json
    if case.exchange.request_headers.get(HEADER) != case.knowledge.credentials.get(HEADER):
        return None
    if not isinstance(whistle, dict) or whistle.get("kettle_id") not in [kettle for kettle, _ in KETTLES.values()]:
        return None
    return [] if case.exchange.successful else [("status", f"is {case.exchange.status}, not 2xx")]


def probes(knowledge: Knowledge, ids: tuple[str, ...]) -> Iterator[Sequence[Probe]]:
    headers = dict(knowledge.credentials)
    for kettle in ids:
        probe = Probe("known-id", "getKettle", {"kettle_id": kettle}, headers=headers)
        yield (probe,)
        yield tuple(with_spoiled_keys(probe, HEADER, headers.get(HEADER, KEY)))
    water = {**headers, "content-type": "application/json"}
    yield (Probe("filling", "createKettle", headers=water, body=b'{"celsius": 20}'),)


def whistles(knowledge: Knowledge, _ids: tuple[str, ...] = ()) -> Sequence[Sequence[Probe]]:
    made = [each for deliveries in delivered(knowledge.credentials).values() for each in deliveries]
    return [(Probe("whistle", "receiveWhistle", headers=each.headers, body=each.body),) for each in made]


class Kettles:
    """The provider of the sandbox."""

    rule_groups = ("kettle",)

    def __init__(self, credentials: Mapping[str, str], file: Path = DOCUMENT) -> None:
        self.credentials = {HEADER: KEY, **credentials}
        described = document(file.stem, file.parent)
        self.operations = (described.operation("getKettle"), described.operation("createKettle"))

    def answer(self, request: SandboxRequest) -> Answer:
        if not same_header(request.headers.get(HEADER), self.credentials[HEADER]):
            return Answer(401, body={"reason": "the key"})
        if request.operation == "getKettle":
            found = dict(KETTLES.values()).get(request.identifier)
            if found is None:
                return Answer(404, body={"reason": "no such kettle"})
            return Answer(200, body={"id": request.identifier, "celsius": found})
        if request.operation != "createKettle":
            return Answer(405, body={"reason": "the method"})
        water = request.json
        celsius = water.get("celsius") if isinstance(water, dict) else None
        if isinstance(celsius, bool) or not isinstance(celsius, int | float) or not 0 <= celsius <= 100:
            return Answer(400, body={"reason": "the water"})
        return Answer(201, body={"id": "k0003", "celsius": celsius})


class Cup:
    """The receiver of the sandbox."""

    rule_groups = ("cup",)

    def __init__(self, credentials: Mapping[str, str], file: Path = DOCUMENT) -> None:
        self.credentials = {HEADER: KEY, **credentials}
        self.operations = (document(file.stem, file.parent).operation("receiveWhistle"),)

    def answer(self, request: SandboxRequest) -> Answer:
        if not same_header(request.headers.get(HEADER), self.credentials[HEADER]):
            return Answer(401, body={"reason": "the key"})
        return Answer(204, {}) if isinstance(request.json, dict) else Answer(400, body={"reason": "the body"})


class Whistle:
    """The sender of the sandbox: the body of a delivery is its answer."""

    def __init__(self, credentials: Mapping[str, str]) -> None:
        self.credentials = {HEADER: KEY, **credentials}

    def answer(self, request: SandboxRequest) -> Answer:
        return Answer(0, {**JSON_HEADERS, HEADER: self.credentials[HEADER]}, {"kettle_id": request.identifier})


def delivered(
    credentials: Mapping[str, str], faults: Sequence[Fault] = (), _timezone: str = "UTC"
) -> dict[str, Sequence[Delivery]]:
    sender = Whistle(credentials)
    made: dict[str, Sequence[Delivery]] = {}
    for name, (kettle, celsius) in KETTLES.items():
        request = SandboxRequest(implementation=sender, method="POST", path="/", path_parameters={"kettle_id": kettle})
        answer = answer_with_faults(request, faults_of_group(faults, "whistle"))
        made[name] = [Delivery(name, "whistle", 0, answer.headers, answer.content)] if celsius == 100 else []
    return made


def _in_delivery(_request: SandboxRequest, answer: Answer) -> Answer:
    answer.body = encode({})
    return answer


FAULTS: Final = (
    Fault("kettle.shape", "no-id", "leaves the id out", in_body(without("id"))),
    Fault("kettle.celsius-values", "too-hot", "is 200 degrees hot", when(answered(200), in_body(setting(celsius=200)))),
    Fault("kettle.filled-as-asked", "colder", "cools down", when(answered(201), in_body(setting(celsius=1)))),
    Fault("cup.hears", "deaf", "refuses every whistle", with_status(422)),
    Fault("whistle.shape", "no-kettle", "does not name the kettle", _in_delivery),
)


def whistling(exchange: Exchange) -> str:
    body: Any = exchange.request_json
    return f"whistle of {body['kettle_id']}" if isinstance(body, dict) and "kettle_id" in body else "-"


CREDENTIALS: Final = (Credential(HEADER, "--kettle-key", "KETTLE_KEY", secret=True),)

SERVICE: Final = Service(
    name="kettle",
    module=__name__,
    document=DOCUMENT,
    targets=(
        Target(
            name="kettle",
            summary="A kettle.",
            document=DOCUMENT,
            groups=(
                RuleGroup(
                    name="kettle",
                    operations=("getKettle", "createKettle"),
                    checks=KETTLE_CHECKS,
                    schemas=("Kettle",),
                ),
            ),
            credentials=CREDENTIALS,
            known_ids=KnownIds("--kettle-id", "getKettle", "kettle_id", "k and four digits"),
            probes=probes,
            implementation=Kettles,
            scenarios=tuple(
                Scenario(name, f"{celsius} degrees", "getKettle", {"kettle_id": kettle})
                for name, (kettle, celsius) in KETTLES.items()
            ),
        ),
        Target(
            name="cup",
            summary="What hears the whistle of a kettle.",
            document=DOCUMENT,
            groups=(
                RuleGroup(
                    name="cup",
                    operations=("receiveWhistle",),
                    checks=CUP_CHECKS,
                ),
                RuleGroup(
                    name="whistle",
                    operations=("receiveWhistle",),
                    schemas=("Whistle",),
                ),
            ),
            credentials=CREDENTIALS,
            probes=whistles,
            honest_probes=lambda knowledge: [step[0] for step in whistles(knowledge)],
            implementation=Cup,
            scenarios=tuple(
                Scenario(name, f"{celsius} degrees", "receiveWhistle") for name, (_, celsius) in KETTLES.items()
            ),
            deliveries=delivered,
            caption=whistling,
        ),
    ),
    faults=FAULTS,
    snippets={"getKettle": "print(kettle)\n", "createKettle": "print(water)\n", "receiveWhistle": "print(whistle)\n"},
)

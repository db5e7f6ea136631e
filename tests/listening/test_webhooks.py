"""A target with several webhooks: each delivery is judged as what it is meant to be."""

import json
from pathlib import Path

import pytest

from sleeptalk_contract.contract.service import RuleGroup, Target
from sleeptalk_contract.judging.webhooks import webhook_meant
from sleeptalk_contract.listening.delivery import ReceivedDelivery
from sleeptalk_contract.listening.listener import Listener, Terms
from tests.targets import target_named

DOCUMENT = """
openapi: 3.1.0
info: {title: Doors, version: "1"}
webhooks:
  opened:
    post:
      operationId: receiveOpened
      requestBody:
        content:
          application/json:
            schema: {x-rule: doors.shape, type: object, required: [door, opened_by], properties: {door: {type: string}}}
  closed:
    post:
      operationId: receiveClosed
      requestBody:
        content:
          application/json:
            schema: {x-rule: doors.shape, type: object, required: [door, closed_by], properties: {door: {type: string}}}
"""

RULES = """
sources: {page: {title: Doors, url: "https://doors.example/page"}}
groups:
  doors:
    role: sender
    title: Doors
    summary: What doors send.
    rules:
      - {id: doors.shape, level: must, where: schema, shape: true, sentence: A door is named., source: {page: page}}
"""


@pytest.fixture
def doors(tmp_path: Path) -> Target:
    (tmp_path / "rules").mkdir()
    (tmp_path / "doors.yaml").write_text(DOCUMENT, encoding="utf-8")
    (tmp_path / "rules" / "doors.yaml").write_text(RULES, encoding="utf-8")
    group = RuleGroup("doors", ("receiveOpened", "receiveClosed"))
    return Target("doors", "What doors send.", tmp_path / "doors.yaml", (group,))


@pytest.mark.parametrize(
    ("body", "operation", "status"),
    [
        ({"door": "front", "opened_by": "Kim"}, "receiveOpened", 204),
        ({"door": "front", "closed_by": "Kim"}, "receiveClosed", 204),
        ({"closed_by": "Kim"}, "receiveClosed", 422),
        ({"door": 7, "closed_by": "Kim"}, "receiveClosed", 422),
    ],
)
def test_a_delivery_is_judged_by_the_webhook_that_it_fits_best(
    doors: Target, body: dict[str, object], operation: str, status: int
) -> None:
    listener = Listener(Terms(doors))
    judged = listener.judge(ReceivedDelivery("http://127.0.0.1/", (), json.dumps(body).encode()))
    assert judged is not None
    assert judged.exchange.operation == operation
    assert judged.reply.status == status
    listener.record(judged, judged.reply, 0.1)
    assert listener.report("http://127.0.0.1/").requests == 1


def test_what_is_not_json_is_some_delivery(doors: Target) -> None:
    assert webhook_meant(doors, b"opened").is_webhook


def test_a_target_without_webhooks_has_none_that_is_meant() -> None:
    provider = next(name for name in ("asleep", "phonexia") if target_named(name).has("provider"))
    with pytest.raises(LookupError, match="has no webhook"):
        webhook_meant(target_named(provider), b"{}")

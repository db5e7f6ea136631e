"""The reference of a service that the engine has never heard of, from a document of its own in a temporary folder."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from sleeptalk_contract.contract.service import Picture, RuleGroup, Service, Target
from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.reference.published import Published
from sleeptalk_contract.reference.site import Article, files

if TYPE_CHECKING:
    from pathlib import Path

DOCUMENT = """
openapi: 3.1.0
info: {title: Nap service, version: "1", summary: Short sleeps., description: Naps and dreams.}
tags: [{name: Short naps, description: Naps.}]
paths:
  /naps/{nap_id}:
    parameters: [{name: nap_id, in: path, required: true, schema: {type: string}}]
    get:
      operationId: getNap
      summary: Get a nap
      description: Returns one nap.
      tags: [Short naps]
      responses:
        "200": {description: A nap., content: {application/json: {schema: {$ref: "#/components/schemas/Nap"}}}}
    delete:
      operationId: deleteNap
      summary: Delete a nap
      tags: [Short naps]
      responses: {"204": {description: Gone.}}
  /naps:
    post:
      operationId: createNap
      summary: Create a nap
      tags: [Short naps]
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Nap"}}}}
      responses: {"201": {description: Made.}}
webhooks:
  napEnded:
    post:
      operationId: receiveNap
      summary: Receive a nap
      tags: [Short naps]
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Nap"}}}}
      responses: {"2XX": {description: Taken.}}
components:
  schemas:
    Nap:
      description: One <b>nap</b>.
      type: object
      x-rule: shape
      required: [nap_id]
      properties:
        nap_id: {description: Which., type: string}
        time_asleep: {description: Seconds asleep., type: integer, minimum: 0}
        time_awake: {description: Seconds awake., type: integer, x-rule: nap.time-is-positive}
"""

RULES = """
sources:
  page: {title: Naps, url: "https://naps.test/docs"}
groups:
  nap:
    role: provider
    title: Reading a nap
    summary: What is answered about a nap.
    rules:
      - {id: nap.shape, level: must, where: schema, sentence: A nap has an id., source: {page: page}}
      - {id: nap.time-is-positive, level: must, where: schema, sentence: Time goes on., source: {page: page}}
      - id: nap.sums
        level: should
        where: arithmetic
        sentence: The time_asleep of a nap_id is short.
        source: {page: page}
  taker:
    role: receiver
    title: Taking a nap
    summary: What a receiver of naps does.
    rules:
      - {id: taker.shape, level: must, where: schema, sentence: A nap that is sent has an id., source: {page: page}}
"""


@pytest.fixture
def naps(tmp_path: Path) -> Service:
    document = tmp_path / "naps.yaml"
    document.write_text(DOCUMENT, encoding="utf-8")
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "naps.yaml").write_text(RULES, encoding="utf-8")
    groups = (
        RuleGroup("nap", ("getNap", "createNap"), schemas=("Nap",)),
        RuleGroup("taker", ("receiveNap",), schemas=("Nap",)),
    )
    return Service(
        name="naps",
        module=__name__,
        document=document,
        targets=(Target("naps", "Naps.", document, groups),),
        snippets={"getNap": 'print("a nap")\n'},
        pictures=lambda: (Picture("nap", "<svg></svg>", "A nap."),),
    )


def test_it_is_published_without_a_word_about_another_service(naps: Service) -> None:
    made = files([naps], [Article("news.html", "News", "What is new", "Nothing.")])
    assert set(made) == {
        "index.html",
        "naps.html",
        "naps-getNap.html",
        "naps-deleteNap.html",
        "naps-createNap.html",
        "naps-receiveNap.html",
        "fields-naps.html",
        "rules.html",
        "news.html",
        "naps.yaml",
        "naps.json",
        "naps-3.0.json",
        "rules-naps.yaml",
        "naps-plain.json",
        "naps-plain.yaml",
        "schemas/naps/Nap.schema.json",
        "index.md",
        "naps.md",
        "fields-naps.md",
        *(f"naps-{operation}.md" for operation in ("getNap", "deleteNap", "createNap", "receiveNap")),
        "rules.md",
        "news.md",
        "llms.txt",
    }
    assert made["naps.yaml"] == DOCUMENT
    assert made["rules-naps.yaml"] == RULES
    words = ("Phonexia", "Asleep", "asleep.yaml", "sleepdata")
    assert not [word for word in words for text in made.values() if word in text]


def test_the_first_page_has_every_operation_whatever_its_method(naps: Service) -> None:
    page = files([naps])["index.html"]
    for expected in (
        '<a href="naps-getNap.html">Get a nap</a>',
        "<code>GET /naps/{nap_id}</code>",
        "<code>DELETE /naps/{nap_id}</code>",
        "<code>POST /naps</code>",
        "<code>POST</code> to a server of yours",
        '<a href="fields-naps.html#Nap">Fields</a>',
        '<a href="rules.html#taker">Taking a nap</a>',
        "<svg></svg>",
        "a nap",
    ):
        assert expected in page


def test_rules_and_fields_lead_to_each_other(naps: Service) -> None:
    made = files([naps])
    assert 'id="nap.sums"' in made["rules.html"]
    assert '<a class="quiet" href="fields-naps.html#Nap.time_asleep">' in made["rules.html"]
    assert 'href="fields-naps.html#Nap.nap_id' not in made["rules.html"]  # the sentence means the parameter
    assert '<a href="naps-createNap.html">Create a nap</a>' in made["rules.html"]
    for rule in ("nap.shape", "taker.shape", "nap.time-is-positive", "nap.sums"):
        assert f'<a href="rules.html#{rule}">' in made["fields-naps.html"]
    shown = json.loads(made["naps.json"])
    assert shown["components"]["schemas"]["Nap"]["x-rule"] == "shape"


def test_a_service_without_a_catalogue_cannot_be_published(naps: Service) -> None:
    (naps.document.parent / "rules" / "naps.yaml").unlink()
    with pytest.raises(UsageError, match=r"naps.yaml cannot be read: No such file"):
        Published.of(naps)

"""The page of each operation: what it shows of the document and of the catalogue, and in which order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sleeptalk_contract.reference.operations import OperationPage, operation_page
from sleeptalk_contract.reference.site import mentioned_in
from tests.reference.conftest import words_of

if TYPE_CHECKING:
    from pathlib import Path

    from sleeptalk_contract.reference.published import Published
    from sleeptalk_contract.reference.tree import Node


@pytest.fixture(scope="module")
def shown(parts: list[Published]) -> dict[tuple[str, str], OperationPage]:
    """The pages by service and operationId."""
    return {
        (part.name, operation.id): operation_page(part, operation, mentioned_in(part))
        for part in parts
        for operation in part.document.operations.values()
    }


def node_of(page: OperationPage, path: str) -> Node:
    bodies = [page.request, *(reply.body for reply in page.replies)]
    nodes = [node for body in bodies if body is not None for node in body.node.walk()]
    nodes += [node for _, group in page.parameters for node in group]
    return next(node for node in nodes if node.path == path)


def test_every_operation_has_samples_for_curl_javascript_and_go_and_python_where_a_client_has_one(
    shown: dict[tuple[str, str], OperationPage],
) -> None:
    for page in shown.values():
        labels = [sample.label for sample in page.samples]
        assert labels == [
            label
            for label in ("curl", "Python", "JavaScript", "Go")
            if label != "Python" or page.operation.id in page.part.service.snippets
        ]
        key = next((each for _, group in page.parameters for each in group if each.name == "x-api-key"), None)
        for sample in page.samples:
            if key is not None and sample.label != "Python":
                assert "_KEY" in sample.text  # it comes from the environment, and never stands in a sample


def test_examples_that_keep_the_contract_come_first_and_the_vendors_last_with_what_they_break(
    shown: dict[tuple[str, str], OperationPage],
) -> None:
    for page in shown.values():
        bodies = [page.request, *(reply.body for reply in page.replies)]
        for body in (each for each in bodies if each is not None):
            order = [(bool(one.broken), one.key.startswith("printed")) for one in body.examples]
            assert order == sorted(order)
            if body.examples:
                assert not body.examples[0].broken
    [success] = shown["asleep", "getSession"].successes
    assert success.body is not None
    assert success.body.examples[0].key == "complete"
    printed = success.body.examples[-1]
    assert (printed.key, [rule.id for rule in printed.broken]) == (
        "printed-sample",
        ["session.stage-list-lengths", "session.onset-and-wake-times", "session.ratios-follow-times"],
    )
    [success] = shown["phonexia", "getTimeAnalysis"].successes
    assert success.body is not None
    assert success.body.examples[0].key == "done"
    broken = {one.key: [rule.id for rule in one.broken] for one in success.body.examples if one.broken}
    assert broken == {"printed-done": ["analysis.positions-run-forward", "analysis.reaction-times-ordered"]}


def test_our_own_examples_break_no_rule(shown: dict[tuple[str, str], OperationPage]) -> None:
    for (service, operation), page in shown.items():
        for body in (page.request, *(reply.body for reply in page.replies)):
            for example in body.examples if body is not None else ():
                assert not example.broken or "printed" in example.key, (service, operation, example.key)


def test_what_an_example_breaks_is_named_beside_it(site: Path) -> None:
    text = words_of(site / "asleep-getSession.html")
    assert "The sample as the vendor prints it breaks 3 rules" in text
    assert "What this example breaks: session.stage-list-lengths should The lists sleep_stages and osa_stages" in text


def test_a_field_has_its_rules_limits_and_the_meanings_of_its_values(
    shown: dict[tuple[str, str], OperationPage],
) -> None:
    page = shown["asleep", "getSession"]
    ratio = node_of(page, "result.stat.rem_ratio")
    assert ratio.words == "number or null"
    assert ratio.limits == ("at least 0", "at most 1")
    assert {rule.id for rule in ratio.rules} >= {
        "session.ratio-values",
        "session.stage-stats-null-together",
        "session.never-slept-nulls",
    }
    stages = node_of(page, "result.session.sleep_stages")
    assert stages.words == "list of integers or null"
    assert [(each.value, each.name) for each in stages.members][:2] == [("-1", "ERROR"), ("0", "WAKE")]
    assert all(each.meaning for each in stages.members)
    timezone = node_of(page, "timezone")
    assert (timezone.required, timezone.default) == (False, "UTC")


def test_a_rule_stands_at_its_field_with_sentence_level_and_source(site: Path) -> None:
    text = words_of(site / "asleep-getSession.html")
    sentence = "Every ratio, sleep_efficiency included, is between 0 and 1; estimated_ahi is not a ratio."
    assert f"session.ratio-values must {sentence} Callback, 1.3.3" in text


def test_every_rule_of_an_operation_is_on_its_page(shown: dict[tuple[str, str], OperationPage], site: Path) -> None:
    for page in shown.values():
        html = (site / page.part.address(page.operation)).read_text(encoding="utf-8")
        for rule in page.part.rules_about(page.operation):
            assert f'href="rules.html#{page.part.anchor(rule.id)}"' in html, (page.operation.id, rule.id)


def test_a_rule_about_one_operation_of_its_group_is_on_no_page_of_another(
    shown: dict[tuple[str, str], OperationPage], site: Path
) -> None:
    checked = 0
    for page in shown.values():
        address = page.part.address(page.operation)
        html = (site / address).read_text(encoding="utf-8")
        twin = (site / address.replace(".html", ".md")).read_text(encoding="utf-8")
        for group in page.part.groups_about(page.operation):
            for rule in (rule for rule in group.rules if not rule.is_about(page.operation.id)):
                checked += 1
                assert f'href="rules.html#{page.part.anchor(rule.id)}"' not in html, (page.operation.id, rule.id)
                assert f"`{rule.id}`" not in twin, (page.operation.id, rule.id)
    assert checked > 20  # the parts of a group that starts and reads


def test_rules_name_operations_of_their_group_only(parts: list[Published]) -> None:
    for part in parts:
        for rule in part.catalogue.rules.values():
            if rule.operations:
                assert {*rule.operations} < {*part.rule_groups[rule.group].operations}, rule.id


def test_the_table_of_nulls_says_which_condition_makes_which_field_null(
    shown: dict[tuple[str, str], OperationPage],
) -> None:
    for operation, prefix in (("getSession", "result.stat"), ("receiveCallback", "callback_data.sleep_data")):
        page = shown["asleep", operation]
        null = {rule.id.partition(".")[2]: condition.null for condition in page.conditions for rule in condition.rules}
        assert f"{prefix}.rem_ratio" in null["stage-stats-null-together"]
        assert f"{prefix}.breathing_pattern" in null["breathing-stats-null-without-breathing"]
        assert f"{prefix}.time_in_rem" not in null["never-slept-nulls"]
        assert f"{prefix}.rem_ratio" in page.nullable
    stat = [condition for condition in shown["asleep", "getSession"].conditions if "result.stat" in condition.present]
    assert [rule.id for condition in stat for rule in condition.rules] == ["session.stat-present-when-valid"]


def test_every_error_says_what_to_do(shown: dict[tuple[str, str], OperationPage]) -> None:
    for page in shown.values():
        for reply in page.errors:
            assert reply.remedy.endswith("."), (page.operation.id, reply.status)


def test_every_value_of_an_enumeration_has_a_meaning(parts: list[Published]) -> None:
    for part in parts:
        for name, schema in part.document.root["components"]["schemas"].items():
            if "enum" in schema:
                assert [*schema.get("x-enumDescriptions", ())] == [*map(str, schema["enum"])], name

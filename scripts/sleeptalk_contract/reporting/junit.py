"""junit.xml: a test case a rule, for CI systems that show test results."""

from xml.etree import ElementTree as ET

from sleeptalk_contract.reporting.model import Report, RuleResult
from sleeptalk_contract.reporting.text import printable


def junit_report(report: Report) -> str:
    """Write a report as JUnit XML: a rule that fails the run is a failure, one that was not exercised is skipped."""
    suites = ET.Element("testsuites", name="sleeptalk")
    failed = sum(result.fails(strict=report.strict) for result in report.rules)
    suite = ET.SubElement(
        suites,
        "testsuite",
        name=f"sleeptalk.{report.target}",
        tests=str(len(report.rules) + bool(report.problems)),
        failures=str(failed),
        errors=str(int(bool(report.problems))),
        skipped=str(len(report.of("not-exercised"))),
        time=f"{report.seconds:.3f}",
    )
    properties = ET.SubElement(suite, "properties")
    for name, value in (("url", report.url), ("seed", report.seed), ("requests", report.requests)):
        ET.SubElement(properties, "property", name=name, value=printable(str(value)))
    for result in report.rules:
        _test_case(suite, result, strict=report.strict)
    if report.problems:
        case = ET.SubElement(suite, "testcase", classname=f"sleeptalk.{report.target}", name="the run")
        ET.SubElement(case, "error", message=printable(" ".join(report.problems)))
    ET.indent(suites)
    return ET.tostring(suites, encoding="unicode", xml_declaration=True) + "\n"


def _test_case(suite: ET.Element, result: RuleResult, *, strict: bool) -> None:
    case = ET.SubElement(suite, "testcase", classname=f"sleeptalk.{result.rule.group}", name=result.rule.id, time="0")
    if result.outcome == "not-exercised":
        ET.SubElement(case, "skipped", message=printable(result.hint or "not exercised"))
    elif result.outcome == "failed":
        details = "\n\n".join(f"{each.where}: {each.message}\n{each.reproduce}" for each in result.failures)
        text = printable(f"{result.rule.says}\n\n{details}")
        if result.fails(strict=strict):
            element = ET.SubElement(
                case, "failure", type=result.rule.level, message=printable(result.failures[0].message)
            )
        else:
            element = ET.SubElement(case, "system-out")
            text = f"warning: {text}"
        element.text = text

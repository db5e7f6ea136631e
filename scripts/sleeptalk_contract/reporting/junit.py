"""junit.xml: a report for CI systems."""

from xml.etree import ElementTree as ET

from sleeptalk_contract.contract.redaction import printable
from sleeptalk_contract.contract.time_zones import TIME_ZONE_DATA
from sleeptalk_contract.reporting.model import Report, RuleResult


def junit_report(report: Report) -> str:
    """Return a report as JUnit XML, with one test case per rule.

    A rule that fails the run is a failure, one that was not exercised or is excluded is skipped; a warning is the
    output of a test case that passes. What keeps the run from a verdict is an error of a test case named "the run".
    """
    suites = ET.Element("testsuites", name="sleeptalk")
    failed = sum(result.fails(strict=report.strict) for result in report.rules)
    suite = ET.SubElement(
        suites,
        "testsuite",
        name=f"sleeptalk.{report.target}",
        tests=str(len(report.rules) + bool(report.reasons)),
        failures=str(failed),
        errors=str(int(bool(report.reasons))),
        skipped=str(len(report.of("not-exercised")) + len(report.of("excluded"))),
        time=f"{report.seconds:.3f}",
    )
    properties = ET.SubElement(suite, "properties")
    facts = {
        "url": report.url,
        "verdict": report.headline,
        "seed": report.seed,
        "requests": report.requests,
        "throttled": report.throttled,
        "started": "" if report.started is None else report.started.isoformat(timespec="seconds"),
        "version": report.version,
        "timezone data": TIME_ZONE_DATA,
    }
    for name, value in facts.items():
        ET.SubElement(properties, "property", name=name, value=printable(str(value)))
    for result in report.rules:
        _test_case(suite, result, strict=report.strict)
    if report.reasons:
        case = ET.SubElement(suite, "testcase", classname=f"sleeptalk.{report.target}", name="the run")
        ET.SubElement(case, "error", message=printable(" ".join(report.reasons)))
    ET.indent(suites)
    return ET.tostring(suites, encoding="unicode", xml_declaration=True) + "\n"


def _test_case(suite: ET.Element, result: RuleResult, *, strict: bool) -> None:
    case = ET.SubElement(suite, "testcase", classname=f"sleeptalk.{result.rule.group}", name=result.rule.id, time="0")
    if result.outcome in {"not-exercised", "excluded"}:
        why = "excluded by --rule or --exclude" if result.excluded else result.hint or "not exercised"
        ET.SubElement(case, "skipped", message=printable(why))
    elif result.outcome == "failed":
        details = "\n\n".join(f"{each.text}\n{each.reproduce}" for each in result.findings)
        text = printable(f"{result.rule.sentence}\nSource: {result.rule.source}, {result.rule.source.url}\n\n{details}")
        if result.fails(strict=strict):
            message = f"{result.rule.sentence} Seen: {result.findings[0].text}"
            element = ET.SubElement(case, "failure", type=result.rule.level, message=printable(message))
        else:
            element = ET.SubElement(case, "system-out")
            text = f"warning: {text}"
        element.text = text

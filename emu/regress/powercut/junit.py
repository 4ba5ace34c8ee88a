"""A sweep as a JUnit report: a test case for each flash operation of the story."""

from __future__ import annotations

from collections import defaultdict
from xml.etree import ElementTree

from emu.regress.powercut.report import Entry, SweepReport


def junit_of(report: SweepReport) -> str:
    """The XML."""
    by_operation: dict[int, list[Entry]] = defaultdict(list)
    for entry in report.entries:
        number = int(entry.cut.partition("-")[0])
        by_operation[number].append(entry)
    failed = {
        number: [each for each in entries if each in report.new] for number, entries in by_operation.items()
    }
    suite = ElementTree.Element(
        "testsuite",
        name=f"power cuts of {report.scenario}",
        tests=str(len(by_operation)),
        failures=str(sum(map(bool, failed.values()))),
        time=f"{report.cpu_s:.3f}",
    )
    for place in report.operations:
        if place.number not in by_operation:
            continue
        case = ElementTree.SubElement(suite, "testcase", classname=report.scenario, name=str(place))
        if bad := failed[place.number]:
            message = f"{bad[0].outcome.verdict.value}: {bad[0].outcome.detail}"
            failure = ElementTree.SubElement(case, "failure", message=message)
            failure.text = "\n".join(
                f"{each.cut}: {each.outcome.verdict.value}: {each.outcome.detail}" for each in bad
            )
    return ElementTree.tostring(suite, encoding="unicode", xml_declaration=True)

"""Sums the result files of all test runners and prints `N passed, N failed`; fails if any test failed.

What was passed over stands above that, by reason: a program that is not there must not go unnoticed.
"""

import sys
import xml.etree.ElementTree as xml
from collections import Counter
from pathlib import Path


def count(report: Path, skipped: Counter[str]) -> tuple[int, int]:
    """The passed and failed tests of one report; skipped ones count as neither."""
    passed = failed = 0
    for case in xml.parse(report).getroot().iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            failed += 1
        elif (skip := case.find("skipped")) is None:
            passed += 1
        else:
            skipped[skip.get("message") or "no reason is given"] += 1
    return passed, failed


def main() -> int:
    skipped: Counter[str] = Counter()
    counts = [count(report, skipped) for report in sorted(Path(sys.argv[1]).glob("*.xml"))]
    for reason, times in sorted(skipped.items()):
        print(f"passed over, {times}: {reason}")
    passed = sum(c[0] for c in counts)
    failed = sum(c[1] for c in counts)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

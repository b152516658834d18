"""With CI=true a skipped test fails the run: on the machine that decides, every test has to have said something."""

import os
from typing import Any

import pytest

OUTPUT = "skipped"
"""Under this name a process of a parallel run hands over what it skipped."""


class NoSkips:
    """Collects what was skipped and turns a green run red."""

    def __init__(self) -> None:
        self.skipped: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Remember one skipped test; an expected failure is no skip."""
        if report.skipped and not hasattr(report, "wasxfail"):
            self.skipped.append(report.nodeid)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Remember a module that was skipped as a whole."""
        if report.skipped:
            self.skipped.append(report.nodeid)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take over what a process of a parallel run found: of its modules nobody else hears."""
        found = getattr(node, "workeroutput", {}).get(OUTPUT, [])
        self.skipped += [nodeid for nodeid in found if nodeid not in self.skipped]

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """A run that would be green fails."""
        output = getattr(session.config, "workeroutput", None)
        if output is not None:
            output[OUTPUT] = self.skipped
            return
        if self.skipped and exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say why a run without a failed test is red."""
        if self.skipped:
            terminalreporter.section("skipped tests fail the run when CI=true", red=True)
            for nodeid in self.skipped:
                terminalreporter.write_line(nodeid)


def pytest_configure(config: pytest.Config) -> None:
    """Take part only where nobody reads the list of skips."""
    if os.environ.get("CI") == "true":
        config.pluginmanager.register(NoSkips(), "no-skips-in-ci")

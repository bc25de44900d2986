"""Rendering a report: with a scripted command line, and with the real one where Node is there."""

from collections.abc import Callable
from pathlib import Path

import pytest

from support.foundation import process, settings
from support.foundation.errors import ConfigurationError, EnvironmentUnfitError
from support.model.outcome import Outcome, Status
from support.reporting.allure import AllureResults
from tests.conftest import MakeUnit
from tests.reporting.conftest import MakeRun, make_run
from tools.report import allure
from tools.report.allure import LeftOut, render

__all__ = ["make_run"]

PAGE = """<html><head>
<script async src="https://www.googletagmanager.com/gtag/js?id=G-1"></script>
<script>window.keep = 1</script>
<script>
  window.dataLayer = window.dataLayer || [];
  function gtag(){dataLayer.push(arguments);}
</script></head></html>"""


@pytest.fixture
def results(tmp_path: Path, make_run: MakeRun, make_unit: MakeUnit) -> Path:
    folder = tmp_path / "run-1" / "allure-results"
    sink = AllureResults(folder, {})
    for event in make_run((make_unit(), Outcome(Status.PASSED))):
        sink.handle(event)
    return folder


def programs(monkeypatch: pytest.MonkeyPatch, **found: Path) -> None:
    monkeypatch.setattr(process, "find_program", lambda name, _path: found.get(name))


def test_without_node_the_report_is_left_out_with_the_remedy(
    results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs(monkeypatch)

    done = render(results, tmp_path / "out", tmp_path / "build", print)

    assert isinstance(done, LeftOut)
    assert "Node" in done.reason
    assert str(results) in done.remedy


def test_the_command_line_is_installed_once_and_its_analytics_removed(
    results: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    script: Callable[[str, str], Path],
) -> None:
    page = tmp_path / "page.html"
    page.write_text(PAGE)
    cli = tmp_path / "build" / "allure-cli" / "node_modules" / "allure" / "cli.js"
    npm = script("npm", f'mkdir -p "{cli.parent}" && echo x >> "{cli}"')
    # node cli.js awesome --single-file --name N -o OUT RESULTS
    node = script("node", f'mkdir -p "$7" && cp "{page}" "$7/index.html"')
    programs(monkeypatch, npm=npm, node=node)
    said: list[str] = []
    output = tmp_path / "out"
    (output / "stale").mkdir(parents=True)

    for _ in range(2):
        done = render(results, output, tmp_path / "build", said.append)

    assert done == output / "index.html"
    text = (output / "index.html").read_text()
    assert "googletagmanager" not in text
    assert "dataLayer" not in text
    assert "window.keep = 1" in text
    assert not (output / "stale").exists()
    assert len(said) == 1
    assert cli.read_text() == "x\n"


def test_a_command_that_fails_shows_what_it_said(
    results: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    script: Callable[[str, str], Path],
) -> None:
    npm = script("npm", "echo registry is away >&2; exit 7")
    programs(monkeypatch, npm=npm, node=npm)

    with pytest.raises(EnvironmentUnfitError, match=r"(?s)ended with 7.*registry is away"):
        render(results, tmp_path / "out", tmp_path / "build", print)


def test_no_results_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no Allure results"):
        render(tmp_path, tmp_path / "out", tmp_path / "build", print)


@pytest.mark.skipif(
    process.find_program("npm", settings.search_path()) is None, reason="Node is not installed"
)
@pytest.mark.timeout(300)
def test_the_real_command_line_renders_one_page_that_calls_nobody(
    results: Path, tmp_path: Path
) -> None:
    done = render(results, tmp_path / "out", settings.ROOT / "build", lambda _line: None)

    assert isinstance(done, Path)
    text = done.read_text()
    assert "OpenTDF Acceptance run-1" in text
    assert "googletagmanager" not in text
    assert allure.__doc__

"""The platform as a child process."""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.foundation.http import HttpSession
from support.foundation.process import BackgroundProcess, start
from support.foundation.settings import ROOT, child_environment
from support.foundation.waiting import wait_until


@dataclass(frozen=True)
class Started:
    """A platform as a child process."""

    process: BackgroundProcess
    descriptor: dict[str, Any]
    session: HttpSession

    @property
    def url(self) -> str:
        return str(self.descriptor["platform"]["url"])

    def token(self, role: str = "admin") -> str:
        client = self.descriptor["roles"][role]
        form = "&".join(
            [
                "grant_type=client_credentials",
                f"client_id={client['client_id']}",
                f"client_secret={client['client_secret']}",
            ]
        )
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        endpoint = self.descriptor["idp"]["token_endpoint"]
        answer = self.session.request("POST", endpoint, headers=headers, body=form)
        assert answer.status == 200, answer.text
        return str(answer.json()["access_token"])

    def call(
        self, procedure: str, body: Mapping[str, Any] | None = None, role: str = "admin"
    ) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {self.token(role)}"}
        answer = self.session.post_json(f"{self.url}/{procedure}", body or {}, headers)
        return answer.status, answer.json()

    def ok(self, procedure: str, body: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401 - whatever the service sent
        status, content = self.call(procedure, body)
        assert status == 200, content
        return content


def start_platform(folder: Path, *arguments: str) -> Started:
    """Start a platform as a child process and wait until it is ready."""
    ready_file = folder / "ready.json"
    process = start(
        "embedded platform",
        [
            sys.executable,
            *("-m", "support.embedded", "--stop-with-stdin"),
            *("--ready-file", str(ready_file), *arguments),
        ],
        environment=child_environment({"PYTHONPATH": str(ROOT)}),
        log=folder / "platform.log",
    )
    try:
        wait_until(
            lambda: ready_file.exists() or process.exit_code is not None,
            what="the ready file",
            time_limit_seconds=20,
            diagnose=process.last_output,
        )
        assert ready_file.exists(), process.last_output()
    except BaseException:
        process.stop()
        raise
    return Started(process, json.loads(ready_file.read_text()), HttpSession())

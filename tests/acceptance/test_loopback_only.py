"""Runs on the embedded platform speak to this machine only.

They run in a network of their own: loopback, and a card that leads nowhere and takes everything
else. Whatever tries to go elsewhere, names looked up included, is counted on that card.
"""

import os
import re
import sys
from pathlib import Path

import pytest

from support.foundation import process
from support.foundation.settings import ROOT, build_environment, search_path

TIME_LIMIT_SECONDS = 1200
NETWORK = """\
set -e
ip link set lo up
ip link add elsewhere type veth peer name nowhere
for card in elsewhere nowhere; do
  echo 1 >/proc/sys/net/ipv6/conf/$card/disable_ipv6 || true
  ip link set $card up
done
ip address add 192.0.2.1/24 dev elsewhere
ip route add default dev elsewhere
status=0
"$@" || status=$?
awk '$1 == "elsewhere:" { print "packets elsewhere:", $11 }' /proc/net/dev
exit $status
"""


def isolated(*command: str | Path, environment: dict[str, str]) -> tuple[int, str]:
    """Run a command in such a network; return its exit code and all that was printed."""
    record = process.run(
        ["unshare", "--net", "sh", "-c", NETWORK, "sh", *command],
        environment=environment,
        time_limit_seconds=TIME_LIMIT_SECONDS,
        working_directory=ROOT,
    )
    return record.exit_code, record.stdout + record.stderr


def packets(said: str) -> int:
    """Return how many packets went elsewhere."""
    found = re.search(r"packets elsewhere: (\d+)", said)
    assert found, said
    return int(found[1])


def can_isolate() -> bool:
    tools = all(process.find_program(name, search_path()) for name in ("unshare", "ip"))
    if not tools or os.geteuid() != 0:
        return False
    return isolated("true", environment=build_environment())[0] == 0


pytestmark = pytest.mark.skipif(
    not can_isolate(), reason="needs root, unshare and ip (iproute2) for a network of its own"
)


def behave(tmp_path: Path, *arguments: str) -> tuple[int, str]:
    own = {
        "ACCEPTANCE_ARTIFACTS": str(tmp_path / "artifacts"),
        "ACCEPTANCE_BUILD": str(tmp_path / "build"),
        "ACCEPTANCE_SDK_ROOTS": str(ROOT / "build" / "sdk"),
    }
    return isolated(
        *(sys.executable, "-m", "behave", *arguments), environment={**build_environment(), **own}
    )


def test_a_connection_elsewhere_is_seen() -> None:
    attempt = (
        "import socket\n"
        "s = socket.socket(); s.settimeout(0.2)\n"
        "try: s.connect(('198.51.100.7', 443))\n"
        "except OSError: pass\n"
    )

    _, said = isolated(sys.executable, "-c", attempt, environment=build_environment())

    assert packets(said) > 0


def test_a_name_that_is_looked_up_elsewhere_is_seen() -> None:
    attempt = (
        "import socket\n"
        "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
        "s.sendto(b'who is it', ('198.51.100.53', 53))\n"
    )

    _, said = isolated(sys.executable, "-c", attempt, environment=build_environment())

    assert packets(said) > 0


def test_documents_travel_without_leaving_this_machine(tmp_path: Path) -> None:
    code, said = behave(
        tmp_path, "--define", "profile=smoke", "features/tdf/round_trip.feature", "-f", "null"
    )

    assert code == 0, said
    assert packets(said) == 0


@pytest.mark.soak
@pytest.mark.timeout(TIME_LIMIT_SECONDS)
def test_the_whole_profile_leaves_this_machine_alone(tmp_path: Path) -> None:
    code, said = behave(tmp_path, "--define", "profile=embedded", "-f", "null")

    assert code == 0, said
    assert packets(said) == 0

import contextlib
import http.server
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from support.foundation.certificates import Certificates, Flaw
from support.foundation.tls_front import TlsFront

BODY = bytes(range(256)) * 1000


class Answering(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        self.wfile.write(BODY)

    def log_message(self, *_arguments: object) -> None:
        return


@pytest.fixture
def server() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answering) as made:
        threading.Thread(target=made.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{made.server_port}/kas"
        made.shutdown()


@pytest.fixture
def certificates(tmp_path: Path) -> Certificates:
    return Certificates(tmp_path)


def ask(url: str, authority: Path) -> bytes:
    context = ssl.create_default_context(cafile=str(authority))
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    with urlopen(url, timeout=5, context=context) as answer:  # noqa: S310 -- loopback only
        return bytes(answer.read())


def test_a_sound_certificate_lets_everything_through(
    server: str, certificates: Certificates
) -> None:
    front = TlsFront(server, certificates.server(Flaw.NONE))

    assert ask(front.url, certificates.authority) == BODY
    assert ask(front.url, certificates.authority) == BODY

    assert front.contacts == 2
    assert front.url.startswith("https://127.0.0.1:")
    assert front.url.endswith("/kas")
    front.close()
    front.close()


@pytest.mark.parametrize(
    ("flaw", "words"),
    [
        (Flaw.EXPIRED, "certificate has expired"),
        (Flaw.NOT_YET_VALID, "certificate is not yet valid"),
        (Flaw.OTHER_HOST, "IP address mismatch"),
        (Flaw.UNKNOWN_AUTHORITY, "unable to get local issuer certificate"),
        (Flaw.SELF_SIGNED, "self-signed certificate"),
    ],
)
def test_each_flaw_is_the_one_it_is_called(
    server: str, certificates: Certificates, flaw: Flaw, words: str
) -> None:
    front = TlsFront(server, certificates.server(flaw))

    with pytest.raises(URLError, match=words):
        ask(front.url, certificates.authority)

    assert front.contacts == 0
    front.close()


def test_private_keys_are_for_their_owner_alone(certificates: Certificates) -> None:
    certificates.server(Flaw.NONE)

    assert (certificates.folder / "server-none.pem").stat().st_mode & 0o077 == 0


def test_a_server_that_is_away_ends_the_connection(certificates: Certificates) -> None:
    front = TlsFront("http://127.0.0.1:1", certificates.server(Flaw.NONE))

    with pytest.raises(OSError, match=r"."):
        ask(front.url, certificates.authority)
    front.close()


def test_who_is_connected_when_it_closes_is_told(server: str, certificates: Certificates) -> None:
    front = TlsFront(server, certificates.server(Flaw.NONE))
    context = ssl.create_default_context(cafile=str(certificates.authority))
    port = int(front.url.split(":")[2].removesuffix("/kas"))
    with socket.create_connection(("127.0.0.1", port), timeout=5) as plain:
        secured = context.wrap_socket(plain, server_hostname="127.0.0.1")
        secured.sendall(b"GET /kas HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert secured.recv(1)
        front.close()
        with contextlib.suppress(OSError):
            while secured.recv(65536):
                pass
        with pytest.raises(OSError, match=r"."):
            socket.create_connection(("127.0.0.1", port), timeout=5)
        secured.close()


def test_it_leads_to_this_machine_only(certificates: Certificates) -> None:
    with pytest.raises(ValueError, match="this machine only"):
        TlsFront("http://platform.example:8080", certificates.server(Flaw.NONE))

"""A key access service that nobody should contact: it listens, counts, and answers nothing."""

import socketserver
import threading


class _Hangup(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        """Let the caller go without an answer."""


class _Counting(socketserver.ThreadingTCPServer):
    daemon_threads = True
    contacts = 0

    def verify_request(self, request: object, client_address: object) -> bool:
        del request, client_address
        self.contacts += 1
        return True


class Stranger:
    """Listens on a free loopback port until it is closed."""

    def __init__(self) -> None:
        self._server = _Counting(("127.0.0.1", 0), _Hangup)
        self._thread = threading.Thread(target=self._serve, name="stranger", daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """The address that a document may name as its key service."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/kas"

    @property
    def contacts(self) -> int:
        """How often somebody connected."""
        return self._server.contacts

    def close(self) -> None:
        """Stop listening; harmless when it has stopped."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _serve(self) -> None:
        self._server.serve_forever(poll_interval=0.02)

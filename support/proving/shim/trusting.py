"""Clients that trust servers whatever certificate they show."""

import ssl
import tempfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from support.proving.shim.call import Call, Result

KEY_SERVICE = ("KASURL",)
EVERYBODY = ("PLATFORMURL", "KASURL", "TOKENENDPOINT")
"""Options of the contract that name servers."""


def trusting(servers: tuple[str, ...]) -> Callable[[Call], Result]:
    """Trust whatever certificate some servers show, beside whom the client trusts anyway."""

    def run(call: Call) -> Result:
        shown = "".join(_shown_by(call.option(name)) for name in servers)
        if not shown:
            return call.run()
        trusted = Path(call.option("SSL_CERT_FILE"))
        if trusted.is_file():
            shown += trusted.read_text(encoding="utf-8")
        with tempfile.TemporaryDirectory() as folder:
            bundle = Path(folder) / "shown.pem"
            bundle.write_text(shown, encoding="utf-8")
            path = str(bundle)
            return call.with_options(SSL_CERT_FILE=path, REQUESTS_CA_BUNDLE=path).run()

    return run


def _shown_by(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname:
        return ""
    return ssl.get_server_certificate((parts.hostname, parts.port or 443))

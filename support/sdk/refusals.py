"""Why an SDK refused, read from its own words.

Exit codes say only that something failed, so a scenario that expects a refusal would also pass on
a wrong host or a typo. Each line of the table names its source; the first line that matches wins,
so the order is from the specific to the general.
"""

import re
from dataclasses import dataclass

from support.sdk.model import RefusalReason

_GO = frozenset({"go"})
_PYTHON = frozenset({"python"})
_RUST = frozenset({"rust"})
_EVERY: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Pattern:
    """One line of the table: words that an SDK (or every SDK, if none is named) uses."""

    reason: RefusalReason
    words: re.Pattern[str]
    source: str
    languages: frozenset[str] = _EVERY


def _pattern(
    reason: RefusalReason, words: str, source: str, languages: frozenset[str] = _EVERY
) -> Pattern:
    return Pattern(reason, re.compile(words), source, languages)


_R = RefusalReason

PATTERNS: tuple[Pattern, ...] = (
    # The shims of this project, before any SDK is asked.
    _pattern(_R.MISSING_CREDENTIALS, r"CLIENTID and CLIENTSECRET belong together", "shims"),
    _pattern(
        _R.MISSING_CREDENTIALS, r"no credentials are set", "Rust shim: the crate needs a token"
    ),
    _pattern(_R.NOT_OFFERED, r"cannot do that|writes 4\.3\.0 only", "Python and Rust shims"),
    _pattern(_R.NOT_OFFERED, r"(?:command|container format) .* is unknown", "shims"),
    # The client's own rules about where it sends a token.
    _pattern(_R.KAS_NOT_ALLOWED, r"KasAllowlist: kas url .* is not allowed", "sdk/tdf.go", _GO),
    _pattern(_R.KAS_NOT_ALLOWED, r"KAS URL not in allowlist", "otdf_python/sdk.py", _PYTHON),
    _pattern(_R.KAS_NOT_ALLOWED, r"Invalid KAS URL", "opentdf/kas_discovery.rs", _RUST),
    # Who a server is, before the rest that is said of a connection that did not come about.
    _pattern(_R.CERTIFICATE, r"tls: failed to verify certificate", "crypto/tls", _GO),
    _pattern(
        _R.CERTIFICATE,
        r"CERTIFICATE_VERIFY_FAILED|invalid peer certificate: ",
        "ssl, rustls",
        _PYTHON,
    ),
    # Assertions, before integrity: the Go SDK marks both as tampering.
    _pattern(_R.ASSERTION, r"issue verifying assertions, id:", "sdk/tdferrors.go", _GO),
    _pattern(_R.ASSERTION, r"assertion verification failed", "sdk/tdf.go", _GO),
    # otdfctl, which says it before the SDK does.
    _pattern(_R.UNREACHABLE, r"Failed to connect to the platform", "otdfctl", _GO),
    _pattern(_R.MISSING_CREDENTIALS, r"client ID is required", "otdfctl", _GO),
    # The identity provider.
    _pattern(
        _R.CREDENTIALS,
        r"got status 40[01] when making request to IdP",
        "sdk/auth/oauth",
        _GO,
    ),
    _pattern(
        _R.CREDENTIALS, r"Token request failed: 40[01]", "otdf_python/sdk_builder.py", _PYTHON
    ),
    _pattern(_R.CREDENTIALS, r"token request to \S+ refused: 40[01]", "Rust shim", _RUST),
    _pattern(_R.CREDENTIALS, r"invalid_client|unauthorized_client", "RFC 6749, section 5.2"),
    _pattern(
        _R.UNREACHABLE,
        r"got status 404 when making request to IdP|Token request failed: 404|refused: 404",
        "no token endpoint at the address given",
    ),
    # The key access service's answers, before anything else that quotes them.
    _pattern(_R.OBLIGATION, r"required obligations: \S", "sdk/tdf.go, as otdfctl says it", _GO),
    _pattern(_R.NOT_ENTITLED, r"rewrap request 403", "sdk/tdferrors.go", _GO),
    _pattern(_R.NOT_ENTITLED, r"code = PermissionDenied|permission_denied", "service/kas/access"),
    _pattern(_R.POLICY_BINDING, r"rewrap request 400", "sdk/tdferrors.go", _GO),
    _pattern(_R.POLICY_BINDING, r"desc = bad request", "service/kas/access/rewrap.go"),
    _pattern(_R.MISSING_CREDENTIALS, r"missing authorization header", "service/internal/auth"),
    _pattern(_R.UNAUTHENTICATED, r"\bunauthenticated\b", "service/internal/auth"),
    _pattern(
        _R.NOT_A_CONTAINER,
        r"desc = (?:invalid request body|wrapped key is empty|missing policy binding"
        r"|unsupported key type|invalid ephemeral public key)",
        "service/kas/access/rewrap.go: a member of the manifest has lost its name or its form",
    ),
    # The network.
    _pattern(
        _R.UNREACHABLE,
        r"(?:kao unwrap failed for split .*|ListKeyAccessServers failed): "
        r"(?:unavailable|unknown): (?:read message: )?"
        r"(?:unexpected EOF|.*connection reset by peer)",
        "connectrpc.com/connect",
        _GO,
    ),
    _pattern(
        _R.UNREACHABLE,
        r"end of file before message length reached|connection closed before message completed",
        "hyper",
        _PYTHON | _RUST,
    ),
    _pattern(_R.UNREACHABLE, r"Server disconnected without sending a response", "httpx", _PYTHON),
    # An answer that arrives, and cannot be made sense of.
    _pattern(
        _R.UNREADABLE_ANSWER,
        r"kao unwrap failed for split .*(?:rsa decrypt failed|crypto/rsa: decryption error"
        r"|unmarshal|proto:|gzip: |invalid UTF-8|invalid header)",
        "sdk/kas_client.go, connectrpc.com/connect",
        _GO,
    ),
    _pattern(
        _R.UNREADABLE_ANSWER,
        r"Error parsing message|KAS rewrap response|Error decrypting|Decryption failed"
        r"|Encryption/decryption failed|(?i:gzip header|deflate|corrupt)",
        "google.protobuf, otdf_python/kas_client.py",
        _PYTHON,
    ),
    _pattern(
        _R.UNREACHABLE,
        r"(?i)connection refused|no such host|dns error|i/o timeout|name or service not known"
        r"|network is unreachable|temporary failure in name resolution",
        "operating system and resolver",
    ),
    _pattern(_R.UNREACHABLE, r"error sending request for url", "reqwest", _PYTHON | _RUST),
    _pattern(
        _R.UNREACHABLE,
        r"Connect RPC rewrap failed: (?:Forbidden|Not Found)",
        "HTTP status without an answer of the key service: nobody serves this path",
        _PYTHON,
    ),
    # The payload.
    _pattern(
        _R.INTEGRITY,
        r"failed integrity check on (?:root signature|segment hash)"
        r"|mismatch encrypted segment size|cipher: message authentication failed"
        r"|issue verifying root signature|ReadPayload failed: zip: not a valid file size",
        "sdk/tdferrors.go, sdk/internal/zipstream, crypto/cipher",
        _GO,
    ),
    _pattern(_R.INTEGRITY, r"^InvalidTag", "cryptography", _PYTHON),
    _pattern(_R.INTEGRITY, r"integrity: ", "opentdf/archive.rs, opentdf/manifest.rs", _RUST),
    _pattern(_R.INTEGRITY, r"\[tamper detected\]|IntegrityError", "xtest, test_tdfs.py"),
    # The input.
    _pattern(
        _R.UNKNOWN_ATTRIBUTE,
        r"not_found: resource not found|attribute regex fail",
        "service/policy, sdk/granter.go",
        _GO,
    ),
    _pattern(
        _R.NOT_A_CONTAINER,
        r"zip: not a valid zip file|NewTDFReader failed|zip: file not found"
        r"|json\.Unmarshal failed|base64\.StdEncoding\.Decode failed|invalid policy object",
        "sdk/internal/zipstream, sdk/tdf.go",
        _GO,
    ),
    _pattern(_R.NOT_A_CONTAINER, r"BadZipFile|There is no item named '0\.", "zipfile", _PYTHON),
    _pattern(
        _R.NOT_A_CONTAINER,
        r"^(?:JSONDecodeError|UnicodeDecodeError|KeyError|NotImplementedError)"
        r"|^TypeError: .*\bManifest|^AttributeError: 'NoneType'|Missing encryption information"
        r"|negative seek value|while decompressing data|password required for extraction"
        r"|^ValueError: Unable to unwrap the key with any available key access objects$",
        "otdf_python/manifest.py, tdf_reader.py and zipfile: the first to stumble says so",
        _PYTHON,
    ),
    _pattern(_R.NOT_A_CONTAINER, r"ZIP error: ", "zip", _RUST),
    _pattern(
        _R.NOT_A_CONTAINER,
        r"^JSON error: |^Invalid TDF structure: |^IO error: (?:stream did not contain valid UTF-8"
        r"|File is larger than|Invalid checksum|corrupt deflate stream|compression method)",
        "opentdf/archive.rs, opentdf/manifest.rs",
        _RUST,
    ),
)


def words_of(stderr: str, stdout: str) -> str:
    """Return all that an SDK's command said, what it called errors first."""
    return "\n".join(part for part in (stderr.strip(), stdout.strip()) if part)


def classify(language: str, text: str) -> RefusalReason:
    """Return the reason that an SDK's output gives, or `UNCLASSIFIED`."""
    for pattern in PATTERNS:
        applies = not pattern.languages or language in pattern.languages
        if applies and pattern.words.search(text):
            return pattern.reason
    return RefusalReason.UNCLASSIFIED

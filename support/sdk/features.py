"""The feature names that `cli.sh supports` is asked for, in plain language.

The first group is xtest's, so that its scripts answer as they are. The second is this project's
own: scripts that do not know such a name answer 2, and the table says what follows from that.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Fallback = Literal["yes", "no"]


@dataclass(frozen=True, slots=True)
class Feature:
    """One thing an SDK may offer.

    Attributes:
        description: completes "The SDK …".
        unless_told: the answer when an SDK does not know the name; None leaves it unknown.
        implied_by: another feature whose answer holds when an SDK does not know this name.
    """

    name: str
    description: str
    unless_told: Fallback | None = None
    implied_by: str | None = None


_XTEST = (
    Feature("assertions", "adds assertions to what it encrypts, and checks them when it decrypts"),
    Feature("assertion_verification", "checks assertions with keys that the reader gives"),
    Feature("attribute_traversal", "uses the key of a definition when a value has none"),
    Feature(
        "autoconfigure", "finds the key access services by the attributes, and knows no others"
    ),
    Feature("better-messages-2024", "says in its errors why it refused"),
    Feature("bulk_rewrap", "asks for the keys of several files at once"),
    Feature("connectrpc", "speaks Connect to the platform"),
    Feature("dpop", "binds its access token to a key (RFC 9449)"),
    Feature("dpop_nonce_challenge", "answers the server's DPoP nonce (RFC 9449, section 8)"),
    Feature("ecwrap", "wraps keys, and has them sent back, with elliptic-curve keys"),
    Feature("hexaflexible", "writes container version 4.2.2 or 4.3.0 as asked"),
    Feature("hexless", "writes and reads container version 4.3.0"),
    Feature("kasallowlist", "sends tokens to allowed key access services only"),
    Feature("key_management", "uses keys that the platform manages"),
    Feature("mechanism-ec-curves-384-521", "wraps keys with the curves P-384 and P-521"),
    Feature("mechanism-mlkem", "wraps keys with ML-KEM"),
    Feature("mechanism-rsa-4096", "wraps keys with RSA-4096"),
    Feature("mechanism-secpmlkem", "wraps keys with a NIST curve and ML-KEM together"),
    Feature("mechanism-xwing", "wraps keys with X-Wing"),
    Feature("ns_grants", "follows grants made to a namespace"),
    Feature("obligations", "names the obligations that it did not fulfil"),
)

_OWN = (
    Feature(
        "asks_the_next",
        "asks the next key access service where the first of several is away",
        implied_by="kasallowlist",
    ),
    Feature(
        "joins_parts",
        "joins a key whose parts several key access services hold",
        implied_by="autoconfigure",
    ),
    Feature("access_token", "acts for a user by XT_WITH_ACCESS_TOKEN", unless_told="no"),
    Feature("attributes", "puts attributes on what it encrypts", unless_told="yes"),
    Feature("decrypt", "decrypts", unless_told="yes"),
    Feature(
        "ec_unwrap", "opens a container with an elliptic-curve wrapped key", implied_by="ecwrap"
    ),
    Feature("encrypt", "encrypts in a form that released platforms accept", unless_told="yes"),
    Feature(
        "fulfils_obligations",
        "tells the key access service which obligations it can fulfil",
        unless_told="no",
    ),
    Feature("mime_type", "records the given MIME type", unless_told="yes"),
    Feature("reads_4.2.2", "reads container version 4.2.2", unless_told="yes"),
    Feature("nano", "writes and reads NanoTDF", unless_told="no"),
    Feature(
        "verifies_integrity",
        "checks segment hashes and the root signature, so notices segments moved or taken away",
        unless_told="yes",
    ),
)

FEATURES: Mapping[str, Feature] = {feature.name: feature for feature in (*_XTEST, *_OWN)}

"""What an administrator may try with key services and keys, and why the platform refuses it."""

from collections.abc import Callable, Mapping

from support.platform.connect import Answer
from support.platform.key_registry import (
    PROVIDERS,
    REGISTRY,
    ROOT_KEY_ID,
    KeyService,
    encoded,
    key_pair,
    stored_service,
)
from support.platform.policy import ATTRIBUTES, NAMESPACES, UNSAFE
from support.world.expectations import expect_contains, expect_equal
from support.world.keys import KEPT, Keys, Made
from support.world.words import meaning_of

REASONS: Mapping[str, tuple[str, str]] = {
    "the name is taken": ("already_exists", ""),
    "there is no such thing": ("not_found", ""),
    "it is malformed": ("invalid_argument", "validation error"),
    "it cannot be read": ("invalid_argument", "base64"),
    "there is nothing to change": ("invalid_argument", "unspecified"),
    "the private part is not sealed": ("invalid_argument", "unencrypted private key"),
    "something that it names is unknown": ("invalid_argument", "relation"),
    "other things depend on it": ("invalid_argument", "relation"),
    "the proof of intent is wrong": ("invalid_argument", "mismatch"),
    "its keeper cannot change": ("invalid_argument", "existing key mode"),
    "the key is no longer, or never was, fit for that": ("internal", "failed"),
}
"""Why the platform refuses, by the words of scenarios: its code, and what its message holds.

For a relation that would break and for one that leads nowhere it has the same words, and none of
its own for a key that cannot be used (0.25.0).
"""

MISTAKEN = "another_key_service"
Attempt = Callable[[Keys], Answer]


def attempt(keys: Keys, operation: str) -> Answer:
    """Try an operation; a refusal is an answer like any other.

    Raises:
        SpecificationError: the operation is not known.
    """
    return meaning_of(operation, ATTEMPTS, "something to try with keys")(keys)


def expect_refused(answer: Answer, reason: str) -> None:
    """Expect a refusal for the reason that the words stand for.

    Raises:
        SpecificationError: the words stand for no reason.
    """
    code, fragment = meaning_of(reason, REASONS, "a reason of the key registry")
    expect_equal(f"The answer ({answer.message or 'no message'})", answer.code, code)
    if fragment not in answer.message:
        expect_contains("What the refusal says", [answer.message], [fragment])


def _first(keys: Keys) -> KeyService:
    return next(iter(keys.services.values()))


def _other(keys: Keys) -> KeyService:
    return keys.service("another")


def _key(keys: Keys) -> Made:
    return next(iter(keys.made.values()))


def _second(keys: Keys) -> Made:
    return list(keys.made.values())[1]


def _nobody(keys: Keys) -> str:
    """Return an id that nothing has."""
    return keys.labels.fresh.identifier("never made")


def _register(uri: Callable[[Keys], str], name: Callable[[Keys], str]) -> Attempt:
    def tried(keys: Keys) -> Answer:
        message = {"uri": uri(keys), "name": name(keys)}
        return keys.registry.call(REGISTRY, "CreateKeyAccessServer", message)

    return tried


def _new_uri(keys: Keys) -> str:
    return f"https://{keys.labels.fresh_name()}/kas"


def _new_name(keys: Keys) -> str:
    return keys.labels.fresh_name().replace(".", "-")


def _find(identify: Callable[[KeyService], Mapping[str, str]]) -> Attempt:
    """Look the first key service up; finding another one is no success."""

    def tried(keys: Keys) -> Answer:
        service = _first(keys)
        answer = keys.registry.call(REGISTRY, "GetKeyAccessServer", identify(service))
        if answer.accepted and stored_service(answer.body) != service:
            return Answer(answer.status, MISTAKEN, "another key service was found")
        return answer

    return tried


def _update(change: Callable[[Keys], Mapping[str, str]]) -> Attempt:
    return lambda keys: keys.registry.call(
        REGISTRY, "UpdateKeyAccessServer", {"id": _other(keys).id, **change(keys)}
    )


def _delete_service(keys: Keys) -> Answer:
    return keys.registry.call(REGISTRY, "DeleteKeyAccessServer", {"id": _first(keys).id})


def _find_after_deleting(keys: Keys) -> Answer:
    _delete_service(keys).required("delete a key service")
    return _find(lambda service: {"uri": service.uri})(keys)


def _created(kept: str, **differing: Callable[[Keys], object]) -> Attempt:
    """Try to create a key that differs from a good one of its sort in what is given."""

    def tried(keys: Keys) -> Answer:
        pair = key_pair(len(keys.made))
        message = keys.request(_first(keys), "new", kept, pair)
        message |= {name: value(keys) for name, value in differing.items()}
        answer = keys.registry.call(REGISTRY, "CreateKey", message)
        if answer.accepted:
            keys.keep("the new key", kept, pair, answer.body)
        return answer

    return tried


def _sealed(keys: Keys) -> object:
    return keys.material("sealed by the platform", key_pair(0))["privateKeyCtx"]


def _unsealed(_keys: Keys) -> object:
    # A pair of its own, for this private part is really told.
    private = encoded(key_pair(-1).private.encode())
    return {"keyId": ROOT_KEY_ID, "wrappedKey": private}


def _rotate_onto_second(keys: Keys) -> Answer:
    pair = key_pair(len(keys.made))
    new = {
        "keyId": _second(keys).stored.key_id,
        "algorithm": "ALGORITHM_RSA_2048",
        **keys.material(_key(keys).kept, pair),
    }
    return keys.registry.call(REGISTRY, "RotateKey", {"id": _key(keys).stored.id, "newKey": new})


def _delete_key(**differing: Callable[[Keys], str]) -> Attempt:
    def tried(keys: Keys) -> Answer:
        key = _key(keys).stored
        message = {"id": key.id, "kid": key.key_id, "kasUri": key.uri}
        message |= {name: value(keys) for name, value in differing.items()}
        return keys.registry.call(UNSAFE, "UnsafeDeleteKasKey", message)

    return tried


def _assignment(method: str, space: Callable[[Keys], str]) -> Attempt:
    return lambda keys: keys.registry.call(
        NAMESPACES,
        method,
        {"namespaceKey": {"namespaceId": space(keys), "keyId": _key(keys).stored.id}},
    )


def _space(keys: Keys) -> str:
    return keys.labels.namespace.id


def _assign_to_unknown_value(keys: Keys) -> Answer:
    message = {"valueKey": {"valueId": _nobody(keys), "keyId": _key(keys).stored.id}}
    return keys.registry.call(ATTRIBUTES, "AssignPublicKeyToValue", message)


def _base(identify: Callable[[Keys], str]) -> Attempt:
    return lambda keys: keys.registry.call(REGISTRY, "SetBaseKey", {"id": identify(keys)})


def _describe(keys: Keys) -> Answer:
    message = {
        "id": _key(keys).stored.id,
        "metadata": {"labels": {"owner": "records office"}},
        "metadataUpdateBehavior": "METADATA_UPDATE_ENUM_EXTEND",
    }
    return keys.registry.call(REGISTRY, "UpdateKey", message)


def _give_to_nobody(keys: Keys) -> Answer:
    message = {"id": _key(keys).stored.id, "targetKeyMode": "KEY_MODE_PUBLIC_KEY_ONLY"}
    return keys.registry.call(UNSAFE, "UnsafeUpdateKey", message)


def _delete_provider(keys: Keys) -> Answer:
    return keys.registry.call(PROVIDERS, "DeleteProviderConfig", {"id": keys.provider()})


def _provider_twice(keys: Keys) -> Answer:
    message = {"name": _new_name(keys), "manager": "acceptance", "configJson": encoded(b"{}")}
    first = keys.registry.call(PROVIDERS, "CreateProviderConfig", message)
    keys.adopt_provider(first.required("register a key provider"))
    return keys.registry.call(PROVIDERS, "CreateProviderConfig", message)


ATTEMPTS: Mapping[str, Attempt] = {
    "find the key service by its name": _find(lambda service: {"name": service.name}),
    "find the key service by its address": _find(lambda service: {"uri": service.uri}),
    "find the key service by its number": _find(lambda service: {"kasId": service.id}),
    "find a key service that nobody registered": lambda keys: keys.registry.call(
        REGISTRY, "GetKeyAccessServer", {"kasId": _nobody(keys)}
    ),
    "find the key service after deleting it": _find_after_deleting,
    "register another key service at the same address": _register(
        lambda keys: _first(keys).uri, _new_name
    ),
    "register another key service under the same name": _register(
        _new_uri, lambda keys: _first(keys).name
    ),
    "register another key service under the same name in capitals": _register(
        _new_uri, lambda keys: _first(keys).name.upper()
    ),
    "register a key service without a proper address": _register(
        lambda _keys: "somewhere in town", _new_name
    ),
    "register a key service under a name with blanks": _register(
        _new_uri, lambda _keys: "records office"
    ),
    "move a key service to the address of another": _update(lambda keys: {"uri": _first(keys).uri}),
    "rename a key service to the name of another": _update(
        lambda keys: {"name": _first(keys).name}
    ),
    "change nothing about a key service": _update(lambda _keys: {}),
    "delete the key service": _delete_service,
    "delete a key service that nobody registered": lambda keys: keys.registry.call(
        REGISTRY, "DeleteKeyAccessServer", {"id": _nobody(keys)}
    ),
    **{f"create a key that is {kept}": _created(kept) for kept in KEPT},
    "create a second key of the same name": _created(
        "held by nobody", keyId=lambda keys: _key(keys).stored.key_id
    ),
    "create a key of the same name at another key service": _created(
        "held by nobody",
        keyId=lambda keys: _key(keys).stored.key_id,
        kasId=lambda keys: _other(keys).id,
    ),
    "create a key for a key service that nobody registered": _created(
        "held by nobody", kasId=_nobody
    ),
    "create a key of no kind": _created("held by nobody", keyAlgorithm=lambda _keys: 0),
    "create a key without a public part": _created(
        "held by nobody", publicKeyCtx=lambda _keys: {"pem": ""}
    ),
    "create a key whose public part is garbled": _created(
        "held by nobody", publicKeyCtx=lambda _keys: {"pem": "-- not a key --"}
    ),
    "create a sealed key without a private part": _created(
        "sealed by the platform", privateKeyCtx=lambda _keys: {"keyId": ROOT_KEY_ID}
    ),
    "create a key whose private part is garbled": _created(
        "sealed by the platform",
        privateKeyCtx=lambda _keys: {"keyId": ROOT_KEY_ID, "wrappedKey": "-- not a key --"},
    ),
    "create a key whose private part is not sealed": _created(
        "sealed by the platform", privateKeyCtx=_unsealed
    ),
    "create a key that is held by nobody, with a private part": _created(
        "held by nobody", privateKeyCtx=_sealed
    ),
    "create a key that is held by a provider, with a private part": _created(
        "held by a provider", privateKeyCtx=_sealed
    ),
    "create a key that is held by a provider, without naming one": _created(
        "held by a provider", providerConfigId=lambda _keys: ""
    ),
    "create a key that is held by a provider nobody registered": _created(
        "held by a provider", providerConfigId=_nobody
    ),
    "create a key that is sealed by the platform and a provider": _created(
        "sealed by the platform", providerConfigId=Keys.provider
    ),
    "rotate the key to the name of another": _rotate_onto_second,
    "rotate a key that nobody created": lambda keys: keys.registry.call(
        REGISTRY,
        "RotateKey",
        {
            "id": _nobody(keys),
            "newKey": {
                "keyId": "new",
                "algorithm": "ALGORITHM_RSA_2048",
                **keys.material("held by nobody", key_pair(0)),
            },
        },
    ),
    "note who owns the key": _describe,
    "take the key from its provider": _give_to_nobody,
    "delete the key": _delete_key(),
    "delete the key under the name of another": _delete_key(kid=lambda _keys: "another"),
    "delete the key at another key service": _delete_key(kasUri=lambda keys: _other(keys).uri),
    "delete a key that nobody created": _delete_key(id=_nobody),
    "assign the key to the namespace": _assignment("AssignPublicKeyToNamespace", _space),
    "assign the key to a namespace that nobody made": _assignment(
        "AssignPublicKeyToNamespace", _nobody
    ),
    "assign the key to a value that nobody defined": _assign_to_unknown_value,
    "take the key from the namespace": _assignment("RemovePublicKeyFromNamespace", _space),
    "make the key the base key": _base(lambda keys: _key(keys).stored.id),
    "make a key that nobody holds the base key": _base(lambda keys: _second(keys).stored.id),
    "make a key that nobody created the base key": _base(_nobody),
    "delete the provider": _delete_provider,
    "register a provider twice": _provider_twice,
}
"""What can be tried, by the words of scenarios.

"The key" and "the key service" are the first of the scenario.
"""

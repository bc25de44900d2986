from typing import TYPE_CHECKING

from support.embedded.protocol import load_protocol

if TYPE_CHECKING:
    from tests.embedded.conftest import Bench

# What is not served; a method that is neither here nor served fails the test.
UNSERVED_METHODS = {
    # Streams.
    "/grpc.health.v1.Health/List",
    "/grpc.health.v1.Health/Watch",
}


def test_every_method_is_served_or_answers_unimplemented(bench: "Bench") -> None:
    token = {"authorization": f"Bearer {bench.token()}", "content-type": "application/proto"}
    unserved = set()
    for path, method in load_protocol().methods.items():
        if method.streaming:
            unserved.add(path)
            continue
        reply = bench.raw("POST", path, b"", token)
        assert reply.status != 404 or reply.code == "not_found", path
        if reply.status == 501 and reply.message.endswith("is not implemented"):
            unserved.add(path)
    table = "\n".join(
        f"{'unimplemented' if path in unserved else 'served':14} {path}"
        for path in load_protocol().methods
    )
    assert unserved == UNSERVED_METHODS, (
        f"served and unserved methods differ from the list:\n{table}"
    )


def test_the_descriptor_set_is_complete() -> None:
    methods = load_protocol().methods
    assert len({method.service for method in methods.values()}) == 18
    assert len(methods) == 137
    assert "ALGORITHM_MLKEM_768" in load_protocol().enum("policy.Algorithm")


def test_methods_without_side_effects_are_known() -> None:
    methods = load_protocol().methods
    assert methods["/policy.namespaces.NamespaceService/ListNamespaces"].side_effect_free
    assert not methods["/policy.namespaces.NamespaceService/CreateNamespace"].side_effect_free

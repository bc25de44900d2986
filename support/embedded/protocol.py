"""The platform's protocol as data: services, methods and message classes of a descriptor set.

``protocol.binpb`` holds the protocol of ``github.com/opentdf/platform/protocol/go`` v0.44.0 with
its validation rules; ``tools/protocol`` makes it. Nothing is generated: message classes come from
the descriptors at run time, so a new service needs no new code here.
"""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory

# Message classes exist only at run time: their fields are known to the descriptors, not to a type
# checker.
Message: TypeAlias = Any
MessageClass: TypeAlias = Any

DESCRIPTOR_SET = Path(__file__).with_name("protocol.binpb")
HEALTH_FILE = "grpc/health/v1/health.proto"


@dataclass(frozen=True, slots=True)
class Method:
    """One procedure: ``path`` is ``/<package>.<Service>/<Method>``."""

    path: str
    service: str
    name: str
    request: MessageClass
    response: MessageClass
    side_effect_free: bool
    streaming: bool


class Protocol:
    """Message classes by full name, and every method of every service."""

    def __init__(self, descriptor_set: bytes) -> None:
        files = descriptor_pb2.FileDescriptorSet.FromString(descriptor_set)
        self.pool = descriptor_pool.DescriptorPool()
        for file in files.file:
            if file.name == HEALTH_FILE:
                _prefix_serving_status(file)
            self.pool.Add(file)
        self._classes: dict[str, MessageClass] = {}
        self.methods: dict[str, Method] = {
            method.path: method
            for file in files.file
            for service in file.service
            for method in self._methods_of(f"{file.package}.{service.name}")
        }

    def message(self, full_name: str) -> MessageClass:
        """Return the class of a message, such as ``policy.Namespace``.

        Raises:
            KeyError: The protocol has no such message.
        """
        found = self._classes.get(full_name)
        if found is None:
            descriptor = self.pool.FindMessageTypeByName(full_name)
            found = self._classes[full_name] = message_factory.GetMessageClass(descriptor)
        return found

    def enum(self, full_name: str) -> dict[str, int]:
        """Return the numbers of an enumeration by the names of its values."""
        descriptor = self.pool.FindEnumTypeByName(full_name)
        return {value.name: value.number for value in descriptor.values}

    def parse_json(self, text: str | bytes, into: Message) -> Message:
        """Fill a message from JSON; unknown fields are ignored, as the platform does.

        Raises:
            google.protobuf.json_format.ParseError: The text is not JSON or does not fit.
        """
        try:
            content = json.loads(text)
        except ValueError as problem:
            raise json_format.ParseError(f"not JSON: {problem}") from problem
        _check_objects(into.DESCRIPTOR, content, "")
        return json_format.ParseDict(
            content, into, ignore_unknown_fields=True, descriptor_pool=self.pool
        )

    def to_json(self, message: Message) -> str:
        """Return a message as one line of JSON with camelCase names."""
        return json_format.MessageToJson(message, indent=None, descriptor_pool=self.pool)

    def to_dict(self, message: Message) -> dict[str, Any]:
        """Return a message as plain data with camelCase names."""
        return json_format.MessageToDict(message, descriptor_pool=self.pool)

    def _methods_of(self, service_name: str) -> list[Method]:
        service = self.pool.FindServiceByName(service_name)
        return [self._method(service_name, descriptor) for descriptor in service.methods]

    def _method(self, service_name: str, descriptor: Any) -> Method:  # noqa: ANN401 - untyped in protobuf
        level = descriptor.GetOptions().idempotency_level
        return Method(
            path=f"/{service_name}/{descriptor.name}",
            service=service_name,
            name=descriptor.name,
            request=self.message(descriptor.input_type.full_name),
            response=self.message(descriptor.output_type.full_name),
            side_effect_free=level == descriptor_pb2.MethodOptions.NO_SIDE_EFFECTS,
            streaming=descriptor.client_streaming or descriptor.server_streaming,
        )


def _prefix_serving_status(file: Message) -> None:
    """Name the health states as the platform's health library does, which shows in JSON alone."""
    for message in file.message_type:
        for enumeration in message.enum_type:
            for value in enumeration.value:
                value.name = f"SERVING_STATUS_{value.name}"


def _check_objects(descriptor: Message, content: object, path: str) -> None:
    """Refuse what is no object where a message belongs; the library would read it as empty."""
    if not isinstance(content, dict):
        raise json_format.ParseError(f"{path or 'body'}: expected an object")
    for field in descriptor.fields:
        value = content.get(field.json_name, content.get(field.name))
        inner = field.message_type
        if value is None or inner is None or _has_own_json_form(inner):
            continue
        repeated = field.is_repeated
        for item in value if repeated and isinstance(value, list) else [value]:
            _check_objects(inner, item, f"{path}.{field.name}".lstrip("."))


def _has_own_json_form(descriptor: Message) -> bool:
    well_known = str(descriptor.full_name).startswith("google.protobuf.")
    return well_known or bool(descriptor.GetOptions().map_entry)


@functools.cache
def load_protocol() -> Protocol:
    """Return the protocol that ships with the program; parsed once."""
    return Protocol(DESCRIPTOR_SET.read_bytes())

"""``policy.keymanagement.KeyManagementService``: who keeps keys outside of the platform."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from support.embedded.calls import invalid_argument
from support.embedded.policy.base import PolicyService, labels_of, relation_invalid
from support.embedded.policy.paging import page
from support.embedded.policy.records import ProviderConfig
from support.embedded.policy.store import find, missing, taken

if TYPE_CHECKING:
    from support.embedded.calls import Call, Handler
    from support.embedded.protocol import Message

SERVICE = "/policy.keymanagement.KeyManagementService"
PACKAGE = "policy.keymanagement"
KIND = "key_management_provider_config"


@dataclass(frozen=True, slots=True)
class ProviderService(PolicyService):
    """Providers of keys; a name is used once for each manager."""

    def handlers(self) -> dict[str, Handler]:
        """Return the handlers by procedure path."""
        return {
            f"{SERVICE}/CreateProviderConfig": self.create,
            f"{SERVICE}/GetProviderConfig": self.get,
            f"{SERVICE}/ListProviderConfigs": self.list_page,
            f"{SERVICE}/UpdateProviderConfig": self.update,
            f"{SERVICE}/DeleteProviderConfig": self.delete,
        }

    def create(self, request: Message, call: Call) -> Message:
        """Register a provider."""
        response = self.response(f"{PACKAGE}.CreateProviderConfigResponse")
        with self.change(call, "create", KIND) as change:
            record = ProviderConfig(
                name=request.name.lower(),
                manager=request.manager,
                config=canonical(request.config_json),
                labels=labels_of(request),
                **self.store.times(),
            )
            self._check_free(record)
            self.store.providers[record.id] = record
            response.provider_config.CopyFrom(self.renderer.provider(record))
            change.object_id, change.original = record.id, self._recorded(record)
        return response

    def get(self, request: Message, _call: Call) -> Message:
        """Return a provider by id, or by name and manager."""
        match request.WhichOneof("identifier"):
            case "id":
                record = find(self.store.providers, request.id)
            case "name_manager":
                record = self._named(request.name_manager)
            case _:
                raise invalid_argument("identifier is deprecated")
        response = self.response(f"{PACKAGE}.GetProviderConfigResponse")
        response.provider_config.CopyFrom(self.renderer.provider(record))
        return response

    def _named(self, wanted: Message) -> ProviderConfig:
        for record in self.store.providers.values():
            if (record.name, record.manager) == (wanted.name.lower(), wanted.manager):
                return record
        raise missing()

    def list_page(self, request: Message, _call: Call) -> Message:
        """List providers, newest first."""
        response = self.response(f"{PACKAGE}.ListProviderConfigsResponse")
        chosen = list(reversed(self.store.providers.values()))
        response.provider_configs.extend(
            self.renderer.provider(item)
            for item in page(chosen, request.pagination, response.pagination)
        )
        return response

    def update(self, request: Message, call: Call) -> Message:
        """Change a provider's name, manager, configuration or labels."""
        response = self.response(f"{PACKAGE}.UpdateProviderConfigResponse")
        with self.change(call, "update", KIND, request.id) as change:
            record = find(self.store.providers, request.id)
            change.original = self._recorded(record)
            wanted = ProviderConfig(
                id=record.id,
                name=request.name.lower() or record.name,
                manager=request.manager or record.manager,
                config=canonical(request.config_json) if request.config_json else record.config,
                **self.store.times(),
            )
            self._check_free(wanted)
            self.update_labels(record, request)
            record.name, record.manager, record.config = wanted.name, wanted.manager, wanted.config
            self.touch(record)
            response.provider_config.CopyFrom(self.renderer.provider(record))
            change.updated = self._recorded(record)
        return response

    def delete(self, request: Message, call: Call) -> Message:
        """Forget a provider that keeps no key; one that nobody knows is as good as forgotten."""
        response = self.response(f"{PACKAGE}.DeleteProviderConfigResponse")
        with self.change(call, "delete", KIND) as change:
            if any(key.provider_config_id == request.id for key in self.store.keys.values()):
                raise relation_invalid()
            self.store.providers.pop(request.id, None)
            response.provider_config.id = request.id
            change.object_id, change.original = request.id, response.provider_config
        return response

    def _recorded(self, record: ProviderConfig) -> Message:
        """Return a provider as the audit may know it: its configuration may hold secrets."""
        message = self.renderer.provider(record)
        message.ClearField("config_json")
        return message

    def _check_free(self, wanted: ProviderConfig) -> None:
        for item in self.store.providers.values():
            if item.id != wanted.id and (item.name, item.manager) == (wanted.name, wanted.manager):
                raise taken()


def canonical(content: bytes) -> bytes:
    """Return JSON in the form in which a database keeps it: short names first, one of each.

    Raises:
        ConnectError: ``invalid_argument``, worded as the platform words it: it is no JSON.
    """
    try:
        value = json.loads(content)
    except ValueError:
        raise invalid_argument("enum value invalid") from None
    return json.dumps(_sorted(value), ensure_ascii=False).encode()


def _sorted(value: Any) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, list):
        return [_sorted(item) for item in value]
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: (len(name.encode()), name))
        return {name: _sorted(value[name]) for name in names}
    return value

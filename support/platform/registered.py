"""Writing registered resources: things that the platform knows by name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from support.platform.connect import Answer, ConnectClient

REGISTERED = "policy.registeredresources.RegisteredResourcesService"


@dataclass(frozen=True, slots=True)
class Tie:
    """An action on a value: needed to act on the resource, and held by the resource itself."""

    action: str
    value_fqn: str

    def request(self) -> dict[str, str]:
        """Return it as requests hold it."""
        return {"actionName": self.action, "attributeValueFqn": self.value_fqn}


def registered_fqn(namespace: str, name: str, value: str) -> str:
    """Return the full name of a value; without a namespace, in the older form."""
    place = f"{namespace}/" if namespace else ""
    return f"https://{place}reg_res/{name}/value/{value}"


class RegisteredAuthor:
    """Writes registered resources with the token of a role that may; refusals are answers."""

    def __init__(self, connect: ConnectClient, token: str) -> None:
        self._connect = connect
        self._token = token

    def create(self, name: str, namespace_fqn: str | None) -> Answer:
        """Register a resource without values, in a namespace or in none."""
        place = {} if namespace_fqn is None else {"namespaceFqn": namespace_fqn}
        return self._call("CreateRegisteredResource", {"name": name, **place})

    def create_value(self, resource_id: str, value: str, ties: Sequence[Tie]) -> Answer:
        """Add a value to a resource."""
        message = {"resourceId": resource_id, "value": value, "actionAttributeValues": _told(ties)}
        return self._call("CreateRegisteredResourceValue", message)

    def change_value(self, value_id: str, ties: Sequence[Tie]) -> Answer:
        """Tie a value to something else."""
        message = {"id": value_id, "actionAttributeValues": _told(ties)}
        return self._call("UpdateRegisteredResourceValue", message)

    def remove_value(self, value_id: str) -> Answer:
        """Remove a value."""
        return self._call("DeleteRegisteredResourceValue", {"id": value_id})

    def remove(self, resource_id: str) -> Answer:
        """Remove a resource with its values."""
        return self._call("DeleteRegisteredResource", {"id": resource_id})

    def _call(self, method: str, message: Mapping[str, object]) -> Answer:
        return self._connect.call(REGISTERED, method, message, token=self._token)


def _told(ties: Sequence[Tie]) -> list[dict[str, str]]:
    return [tie.request() for tie in ties]

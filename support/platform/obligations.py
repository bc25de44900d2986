"""Writing obligations: what clients have to fulfil, and what requires it of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from support.platform.connect import Answer, ConnectClient

OBLIGATIONS = "policy.obligations.Service"


@dataclass(frozen=True, slots=True)
class Trigger:
    """Requires an obligation for an action on what carries a value.

    Attributes:
        action: an action's name.
        value_fqn: the value of an attribute.
        client_id: the client through which it is required; through every one by default.
    """

    action: str
    value_fqn: str
    client_id: str | None = None

    def request(self) -> dict[str, object]:
        """Return it as requests hold it."""
        message: dict[str, object] = {
            "action": {"name": self.action},
            "attributeValue": {"fqn": self.value_fqn},
        }
        if self.client_id is not None:
            message["context"] = {"pep": {"clientId": self.client_id}}
        return message


def definition_fqn(namespace_fqn: str, name: str) -> str:
    """Return the full name of an obligation definition."""
    return f"{namespace_fqn}/obl/{name}"


def obligation_fqn(namespace_fqn: str, name: str, value: str) -> str:
    """Return the full name of an obligation value."""
    return f"{definition_fqn(namespace_fqn, name)}/value/{value}"


class ObligationAuthor:
    """Writes obligations with the token of a role that may; refusals are answers."""

    def __init__(self, connect: ConnectClient, token: str) -> None:
        self._connect = connect
        self._token = token

    def create(self, namespace_fqn: str, name: str) -> Answer:
        """Create a definition without values."""
        return self._call("CreateObligation", {"namespaceFqn": namespace_fqn, "name": name})

    def create_value(self, definition: str, value: str, triggers: Sequence[Trigger] = ()) -> Answer:
        """Create a value of a definition, with what requires it."""
        message = {
            "obligationFqn": definition,
            "value": value,
            "triggers": [trigger.request() for trigger in triggers],
        }
        return self._call("CreateObligationValue", message)

    def change_value(
        self, value_id: str, *, value: str = "", triggers: Sequence[Trigger] = ()
    ) -> Answer:
        """Rename a value, or replace what requires it."""
        message = {
            "id": value_id,
            "value": value,
            "triggers": [trigger.request() for trigger in triggers],
        }
        return self._call("UpdateObligationValue", message)

    def add_trigger(self, obligation: str, trigger: Trigger | Mapping[str, object]) -> Answer:
        """Require an obligation value; a trigger may be given as requests hold it."""
        parts = trigger.request() if isinstance(trigger, Trigger) else trigger
        message = {"obligationValue": {"fqn": obligation}, **parts}
        return self._call("AddObligationTrigger", message)

    def remove_trigger(self, trigger_id: str) -> Answer:
        """Require it no longer."""
        return self._call("RemoveObligationTrigger", {"id": trigger_id})

    def remove_value(self, fqn: str) -> Answer:
        """Remove a value with what requires it."""
        return self._call("DeleteObligationValue", {"fqn": fqn})

    def remove(self, fqn: str) -> Answer:
        """Remove a definition with its values and what requires them."""
        return self._call("DeleteObligation", {"fqn": fqn})

    def _call(self, method: str, message: Mapping[str, object]) -> Answer:
        return self._connect.call(OBLIGATIONS, method, message, token=self._token)

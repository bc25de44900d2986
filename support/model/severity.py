"""How urgent a failure is: severities, and the classes of failure that profiles give them to."""

from enum import StrEnum


class Severity(StrEnum):
    """Most urgent first; the order is that of reports."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def rank(self) -> int:
        """0 for the most urgent."""
        return list(Severity).index(self)


class FailureClass(StrEnum):
    """What it means that a promise is broken; each requirement names the class of its failures."""

    ENCRYPTION_FAILURE = "encryption_failure"
    COMPATIBILITY_FAILURE = "compatibility_failure"
    INTEGRITY_FAILURE = "integrity_failure"
    POLICY_MISMATCH = "policy_mismatch"
    IDENTITY_FAILURE = "identity_failure"
    KEY_MANAGEMENT_FAILURE = "key_management_failure"
    ADMINISTRATION_FAILURE = "administration_failure"
    AUDIT_GAP = "audit_gap"
    SERVICE_FAILURE = "service_failure"
    USABILITY_FAILURE = "usability_failure"
    PERFORMANCE_DEGRADATION = "performance_degradation"

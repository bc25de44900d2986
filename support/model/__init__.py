"""Frozen values that every room shares: requirement, variant, unit, outcome, event."""

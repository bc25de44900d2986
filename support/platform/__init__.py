"""Typed clients of the platform services: identity provider, policy, KAS, decisions, audit."""

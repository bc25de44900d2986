"""Typed clients of the platform's services: identity, policy, decisions, keys, discovery."""

"""Bringing a stack up, or adopting one that is there."""

"""Profiles: what to prove, in which variants, and what may be skipped for which reason."""

"""Proof that scenarios can fail: one fault at a time is switched on, and a unit must notice."""

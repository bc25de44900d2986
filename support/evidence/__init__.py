"""Evidence: one schema-valid record for each attempt at a unit."""

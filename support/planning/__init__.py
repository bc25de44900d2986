"""From specs, profile and inventory to the ordered units of a plan; pure."""

"""Reading features: specs, tags, the requirement registry."""

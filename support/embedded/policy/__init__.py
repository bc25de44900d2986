"""The policy services: what exists, who is mapped to what; everything is kept in memory."""

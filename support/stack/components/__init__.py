"""The parts that stacks are made of: how each is configured, started, and known to serve."""

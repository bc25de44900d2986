"""Where files of a run are kept, and under which names."""

"""What became of every unit in earlier runs: one SQLite file that runs write and planning reads."""

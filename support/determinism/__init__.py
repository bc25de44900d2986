"""What a run does the same way twice: data from one seed, the order of units, and the time."""

"""Running a plan with behave: the one room that knows behave."""

"""Reading ratings: figures from the tallies, evidence beside them, windows, what the desk lists."""

"""What changes in this area: ratings and their tallies, points and tickets, evidence, windows, employees."""

"""Verbs of this area, by noun."""

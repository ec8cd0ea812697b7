"""Verbs of the register of voices, by noun: voices (coming in, triage), answers, commitments, hiding, consultations."""

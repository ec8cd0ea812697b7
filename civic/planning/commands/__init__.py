"""Verbs of the plan, by noun: statuses, drafts, actions (import and classification), documents (DUP and PEG)."""

"""Reading the plan: actions (lists, one action, drafts) and documents (DUP tree, PEG sheets)."""

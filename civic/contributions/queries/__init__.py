"""Reading the register of voices, by noun: voices (receipts, the inbox), commitments (said and done), consultations."""

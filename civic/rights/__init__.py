"""What a person can ask of the whole house: her data, to be forgotten, and that nothing is kept longer than was said.

Every column is classified where it is declared (kernel.privacy), and these rooms read that: inventory (what is held, why,
by whom it is seen, for how long: the page /privacy, the register of processing, the notice above a form), export (my data),
retention (the job that deletes what has had its time), erasure (each area forgets her in its own `erase_person`).
Owns no table. Writes nothing but what the areas' commands write.
"""

"""Who may do what and who takes part: staff accounts and their grants; citizens, their trust levels and bonds; bodies.

Words. An *account* is a member of staff. A *grant* is a permission within a scope (everything, one office, quartiere or
provider, one action). A *role* is a named bundle of permissions that the administration desk hands out; grants are what
is stored. A *citizen* is a person who takes part, known by the key of her codice fiscale or by a confirmed address, never
by name. Her *trust level* (open, e-mail, verified) is how this session began. A *bond* ties her to a quartiere. A
*participant* is whoever asks to take part, as the one rule of eligibility sees her. A *batch* is an operator's sitting at
a counter. A *body* is an association or institution, counted apart from persons. A *session* lives in the database: 30
minutes idle for staff, an hour for citizens, 12 hours in all, ended for good by signing out.

Rooms: models, rules (roles, terms, codice fiscale, eligibility, bodies), passwords (argon2), providers (the identity file),
oidc (the sign-in through them), residents (the signed list), permits, queries, commands, forms; pages: entering and views
(public), account (a citizen's own), desk (staff accounts), office (bodies, residence), counter (assisted entry).
Writes people.account_invited, people.account_disabled, people.account_enabled, people.grant_given, people.grant_taken,
people.password_chosen, people.second_step_changed, people.citizen_erased, people.residents_listed,
people.residence_decided, people.body_decided. What a citizen does for herself is in no register.
"""

"""Who may do what: staff accounts, their grants, their sessions.

Words. An *account* is a member of staff. A *grant* is a permission within a scope (everything, one office, quartiere or
provider, one action). A *role* is a named bundle of permissions that the administration desk hands out; grants are what
is stored. A *session* lives in the database: 30 minutes idle, 12 hours in all, ended for good by signing out.

Rooms: models, rules (roles, throttle, terms), passwords (argon2), permits, queries, commands, forms, views (desk).
Writes people.account_invited, people.account_disabled, people.account_enabled, people.grant_given, people.grant_taken,
people.password_chosen, people.second_step_changed.
"""

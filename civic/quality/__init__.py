"""Monitoraggio civico: citizens rate services and pages, and everyone sees what the ratings say and how much they bear.

Words. A *rating* is one to five stars for a service or a page, asked by an *instrument* with fixed words. A *point* is a
poster or a totem where a service is rated; a *ticket* a one-time code that the office gives after a contact. *Trust* says
how far a rating is known to be one person's; its *standing* whether it counts. A *turn* is one rating per person and
service in thirty days. A *window* is six hours that look anomalous: two people decide. *Evidence* is what stands beside the
ratings: contacts, standards of the Carta dei servizi, results of others.

Nobody can delete a rating or change its stars but who gave it. What is written goes into the register of voices, where the
office answers; here it leaves only numbers. Pages read tallies, never ratings.

Rooms: models (ratings, evidence, watching), rules (instruments, figures, windows), permits, queries (figures, evidence,
keeping), commands (ratings, tallies, points, evidence, windows, employees), forms and desk_forms, views and asking (public:
reading, rating), desk and reviewing (staff), facts, jobs. Uses of lower floors: city.queries and models,
people.queries.citizens, contributions.commands (voices.receive_voice, commitments.record_effect) and contributions.queries,
outbox.commands. Writes quality.point_made, quality.point_closed, quality.tickets_issued, quality.contacts_told,
quality.standard_added, quality.standard_ended, quality.standard_measured, quality.results_added, quality.employees_listed,
quality.window_flagged, quality.window_proposed, quality.window_disputed, quality.window_decided (chained). A rating itself is
in no register: an instant there would tell whose it is.
"""

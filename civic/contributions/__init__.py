"""The one register of voices, whatever the channel: what was said, who answers for it, what was decided and done.

Words. A *consultation* ("percorso") is the question that surveys, events, tables and voices belong to. A *voice* is one
contribution: a comment, letter, call, form, note of a table. Its *parts* are what it asks, each with its own *outcome*,
after a technical and a political check. A *reply* is the office's answer. A *pause* is the time the office waits for the
citizen. A *commitment* is an improvement promised by an office: planned, done, dropped. A *check* asks the author, four
weeks after, whether it is so. *Hiding* a text takes two persons; nothing is deleted. A *term* is how many working days an office
has; the days promised with it stand on the voice. A *handing* asks the provider of a service, which answers to the office.
*Copies* are voices whose words are nearly the same; they have a group.

Where a voice stands, and whether it is late, is read from what happened and from today; neither is stored. The last day to
answer is: it is a promise, and a fact of the day on which it was made.

Rooms: models (voices, commitments), rules (outcomes, clocks, states, redaction, likeness, signals), permits, queries (voices,
inbox, commitments, terms, signals), commands (voices, copies, terms, answers, handings, commitments, consultations), forms,
views (public), desk (lists), acting (one voice), editing (what is written beforehand), measuring (over all voices), facts,
jobs. Uses of lower floors: city.queries (offices, services, providers, holidays), planning.queries (whether an action exists),
people.queries (who takes part, whom to tell), outbox.commands. Writes contributions.change_checked, contributions.clock_paused,
contributions.clock_resumed, contributions.commitment_done, contributions.commitment_dropped, contributions.effect_measured,
contributions.commitment_made, contributions.consultation_saved, contributions.hiding_asked, contributions.part_decided,
contributions.reply_given, contributions.term_set, contributions.text_hidden (chained), contributions.voice_handed,
contributions.voice_overdue, contributions.voice_received, contributions.voice_returned, contributions.voice_set_apart,
contributions.voice_triaged.
"""

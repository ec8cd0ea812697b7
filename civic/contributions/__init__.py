"""The one register of voices, whatever the channel: what was said, who answers for it, what was decided and done.

Words. A *consultation* ("percorso") is the question that surveys, events, tables and voices belong to. A *voice* is one
contribution: a comment, letter, call, form, note of a table. Its *parts* are what it asks, each with its own *outcome*,
after a technical and a political check. A *reply* is the office's answer. A *pause* is the time the office waits for the
citizen. A *commitment* is an improvement promised by an office: planned, done, dropped. A *check* asks the author, four
weeks after, whether it is so. *Hiding* a text takes two persons; nothing is deleted.

Where a voice stands, and whether it is late, is read from what happened and from today; neither is stored.

Rooms: models (voices, commitments), rules (outcomes, clocks, states, redaction), permits, queries, commands (voices, answers,
commitments, consultations), forms, views (public), desk, facts, jobs. Uses of lower floors: city.queries (offices, services,
holidays), people.queries (who takes part, whom to tell), outbox.commands. Writes contributions.voice_received,
contributions.voice_triaged, contributions.part_decided, contributions.reply_given, contributions.clock_paused,
contributions.clock_resumed, contributions.commitment_made, contributions.commitment_done, contributions.commitment_dropped,
contributions.change_checked, contributions.hiding_asked, contributions.text_hidden (chained), contributions.voice_overdue,
contributions.consultation_saved.
"""

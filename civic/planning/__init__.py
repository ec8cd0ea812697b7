"""The spine: what the mayor promised, what the plans say, and where each promise stands.

Words. A *mandate* has *strategic directions*; a direction has *strategic objectives*, these have *operational objectives*
(DUP), and *plan objectives* (PEG sheets, with *phases* and *indicators*) serve one or more of them, also under different
strategic objectives. A *mandate action* is one promise followed in public; its kind tells an action with a status from a
counted output and from a political priority. A *status entry* is one dated statement about an action or one of its parts,
in one of two *voices*: declared by the office, or assessed by a third party. Entries are only ever added.

A *draft* is what staff prepare; approved, it becomes an immutable *version* and, with it, a status entry.

Rooms: models, rules (statuses, percentages, weights, Gantt), permits, queries, facts, intake (files), commands, forms,
views (public) and desk. Imports from lower floors: city.queries, journal.commands.record, outbox.commands.post,
people.queries (who approves), kernel.search. Writes planning.status_recorded and planning.version_published (both
chained), planning.draft_submitted, planning.draft_returned, planning.action_classified, planning.plan_imported,
planning.indicator_measured, planning.phase_dated, planning.sheet_reviewed.

Where a status change is written: commands/statuses.py `record_status`; checked: rules/statuses.py `check_status` and the
constraints of `StatusEntry`; stored: plan_status_entry and, chained, journal_entry; shown: views.action and the feed.
"""

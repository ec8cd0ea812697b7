"""Floor 0: the tools every room uses. Knows nothing of cities, nor of Flask.

Rooms: db (sessions, the only commit), clock, errors, actor and permissions, privacy (what each column holds), text,
richtext (the only importer of bleach), codes, paging, measure, search, tables (CSV), feeds (Atom), intake (imports).
"""

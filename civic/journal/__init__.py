"""What happened: one append-only table, written in the command's own transaction.

Words. An *entry* says which kind of thing happened, to which subject, told by which office, with a few public facts.
Audit, public histories and feeds all read it; nobody subscribes to it. The kinds in `rules.CHAINED` are also *links* of
a hash chain, and a *head* is the chain's last hash at the end of a day, published on a page, in the feed and in a file
outside the database: a cut tail or a chain computed anew shows only against a head that was kept elsewhere.

Rooms: models, rules (canonical text and hashes), commands (record, publish_head, forget_author), queries, jobs, views.
Persons never enter the chained text: it holds a salted seal of the author, and the author can be erased.
"""

"""Who must be told: a mail is a row, written in the command's own transaction, and leaves after the commit.

At least once, with a key: a key is told once, a crash between sending and marking may send twice, never zero times.
Every kind of mail is declared in `rules.MAILS` with its text, who gets it, and what election silence does to it.

Mail to an address that nobody confirmed (a link to sign in, a receipt to a typed address) goes through `post_unconfirmed`:
anyone could have typed anyone's address. It is counted in sliding windows under the address, under where the request comes
from or the operator who enters it, and over all (`rules.Caps`); desks, libraries, venues and announced openings have
allowances of their own; each such mail carries a link to stop them, and who used it is on the suppression list. What counts
holds HMACs only. A mail that was held back is not an error: the outcome (`rules.Told`) is returned and nothing is raised.

Rooms: models, rules (the kinds and their default texts; caps), permits, commands (post, post_unconfirmed, suppress_address,
allow_address, erase_person), queries, forms, views (the page that stops), desk (queue, caps, allowances), jobs (deliver,
purge), mailer (SMTP, or files in the data directory when no server is configured). The register stands beside this area:
who changed an allowance is in the log.
"""

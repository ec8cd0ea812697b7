"""Who must be told: a mail is a row, written in the command's own transaction, and leaves after the commit.

At least once, with a key: a key is told once, a crash between sending and marking may send twice, never zero times.
Every kind of mail is declared in `rules.MAILS` with its text, who gets it, and what election silence does to it.

Rooms: models, rules (the kinds and their default texts), commands (post, erase_person), queries, jobs (deliver), mailer
(SMTP, or files in the data directory when no server is configured).
"""

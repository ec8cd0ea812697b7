"""The town wall for mail: SMTP, or one file a mail when no server is configured."""

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from civic.outbox.models import OutboxMail


class Mailer(Protocol):
    """Something that can deliver one mail. Raises OSError (smtplib's errors are) when it cannot."""

    def deliver(self, mail: OutboxMail) -> None:
        """Hand the mail over."""


def as_message(mail: OutboxMail, sender: str) -> EmailMessage:
    """Write the mail as a message; the id is the row's, so that a second delivery is the same mail."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, mail.to_address, mail.subject
    message["Date"] = format_datetime(mail.created_at)
    message["Message-ID"] = f"<outbox-{mail.id}.{mail.created_at:%Y%m%d%H%M%S}@{sender.rpartition('@')[2] or 'localhost'}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.body)
    return message


class SmtpMailer:
    """Delivers to the configured server; `smtps://` from the first byte, `smtp://` with STARTTLS when offered."""

    def __init__(self, url: str, sender: str) -> None:
        self._url = urlsplit(url)
        self._sender = sender

    def deliver(self, mail: OutboxMail) -> None:
        """Open a connection, deliver, close."""
        host, port = self._url.hostname or "localhost", self._url.port
        secure = self._url.scheme == "smtps"
        context = ssl.create_default_context()
        server = (
            smtplib.SMTP_SSL(host, port or 465, timeout=20, context=context)
            if secure
            else smtplib.SMTP(host, port or 587, timeout=20)
        )
        with server:
            if not secure and server.has_extn("starttls"):
                server.starttls(context=context)
            if self._url.username:
                server.login(unquote(self._url.username), unquote(self._url.password or ""))
            server.send_message(as_message(mail, self._sender))


class FolderMailer:
    """Writes each mail as an .eml file: the demonstration's mailbox."""

    def __init__(self, folder: Path, sender: str) -> None:
        self._folder = folder
        self._sender = sender

    def deliver(self, mail: OutboxMail) -> None:
        """Write the file; the name is the row's, so that a second delivery overwrites the first."""
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / f"{mail.id:06d}.eml").write_bytes(bytes(as_message(mail, self._sender)))

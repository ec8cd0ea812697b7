"""Posting a mail, holding back those that are too many or unwanted, and forgetting."""

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Update, delete, func, select, update
from sqlalchemy.orm import Session

from civic.kernel.actor import Actor
from civic.kernel.codes import fingerprint, token
from civic.kernel.db import Model, is_added
from civic.kernel.errors import NotAllowed, Refused, Stale
from civic.kernel.keys import keyed
from civic.kernel.networks import network_of_address
from civic.kernel.persons import Person
from civic.kernel.text import N_, clean_line, clean_text
from civic.outbox import permits, queries, rules
from civic.outbox.models import (
    BreakerTrip,
    CappedMail,
    MailAllowance,
    MailText,
    Meter,
    MeteredMail,
    OutboxMail,
    StopLink,
    SuppressedAddress,
)

log = logging.getLogger("civic.outbox")


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowanceData:
    """An allowance as its form holds it."""

    name: str
    network: str
    starts_at: datetime | None
    ends_at: datetime | None
    per_hour: int
    note: str = ""


def post(session: Session, kind: str, *, key: str, to: str, values: dict[str, str], now: datetime) -> bool:
    """Write a mail to be sent after the commit; False when this key was already told.

    For staff and for addresses whose owner confirmed them: it counts against no cap. For all others, `post_unconfirmed`.
    """
    if _is_told(session, key):
        return False
    session.add(_mail(session, kind, key=key, to=to, values=values, now=now))
    session.flush()
    return True


def _is_told(session: Session, key: str) -> bool:
    return session.scalar(select(OutboxMail.id).where(OutboxMail.key == key)) is not None


def _mail(
    session: Session, kind: str, *, key: str, to: str, values: dict[str, str], now: datetime, ending: str = ""
) -> OutboxMail:
    words = session.get(MailText, kind) or rules.MAILS[kind]
    return OutboxMail(
        key=key,
        kind=kind,
        to_address=to,
        subject=clean_line(rules.fill(words.subject, values))[:250],
        body=clean_text(rules.fill(words.body.rstrip() + ending if ending else words.body, values)),
        created_at=now,
        not_before=now,
    )


def post_unconfirmed(
    session: Session,
    kind: str,
    *,
    key: str,
    to: str,
    values: dict[str, str],
    asked: rules.Asked,
    now: datetime,
) -> rules.Told:
    """Write a mail to an address that nobody confirmed, unless too many left already or its owner wants none.

    `asked` says from where it was asked for, within which caps. One such mail a transaction, as late in it as can be:
    until the commit every other mail to the same address, or from the same origin, waits. It raises nothing of its own: a
    sign-in form gives the same answer whatever became of the mail.
    """
    address, origin, pepper = keyed(asked.pepper, "mail", to.lower()), asked.origin, asked.pepper
    if session.get(SuppressedAddress, address) is not None:
        return rules.Told.SUPPRESSED
    limits = rules.limits(
        rules.caps_in_force(asked.caps, queries.allowances(session), origin.address, now),
        address=address,
        origin=keyed(pepper, "ip", network_of_address(origin.address)) if origin.address and not origin.operator else "",
        operator=keyed(pepper, "operator", origin.operator) if origin.operator else "",
    )
    subjects = [address, *sorted({limit.subject for limit in limits} - {address, ""})]
    _take_turn(session, subjects, now)
    if _is_told(session, key):
        return rules.Told.ALREADY
    if reached := _reached(session, limits, now):
        _count_capped(session, reached, shard=int(address[0], 16), now=now)
        return rules.Told.CAPPED
    secret = token()
    filled = values | {"stop": asked.stop_link.replace("%s", secret)}
    if not is_added(session, _mail(session, kind, key=key, to=to, values=filled, now=now, ending=rules.STOP_LINE)):
        return rules.Told.ALREADY
    session.add_all(MeteredMail(subject=subject, at=now, first=subject == address) for subject in subjects)
    session.add(StopLink(token_hash=fingerprint(secret), address_key=address, expires_at=now + rules.STOP_LINK_LASTS))
    session.flush()
    return rules.Told.SENT


def _take_turn(session: Session, subjects: list[str], now: datetime) -> None:
    """Lock what is counted until the transaction ends, in the same order for everybody: nobody waits in a circle."""
    for subject in sorted(subjects):
        _put(session, update(Meter).where(Meter.subject == subject).values(last_at=now), Meter(subject=subject, last_at=now))


def _put(session: Session, change: Update, row: Model) -> None:
    """Change a row, or add it when it is not there; either way it is this transaction's until its end."""
    if session.connection().execute(change).rowcount == 0 and not is_added(session, row):
        session.connection().execute(change)


def _reached(session: Session, limits: list[rules.Limit], now: datetime) -> rules.Limit | None:
    """Return the first limit that one more mail would break.

    What counts lies in the span before now, its first instant included, or after now: clocks of two machines differ. The
    limit over all mails is counted without a lock, for everybody would wait for it: on PostgreSQL it can be passed by as
    many mails as there are transactions under way; on SQLite, which has one writer, by none.
    """
    for limit in limits:
        counted = select(func.count()).where(MeteredMail.at >= now - limit.span)
        counted = counted.where(MeteredMail.subject == limit.subject if limit.subject else MeteredMail.first)
        if (session.scalar(counted) or 0) >= limit.most:
            return limit
    return None


def _count_capped(session: Session, limit: rules.Limit, *, shard: int, now: datetime) -> None:
    since = rules.capped_slot(now)
    row = CappedMail(since=since, cap=limit.cap, shard=shard, amount=1)
    here = (CappedMail.since == since, CappedMail.cap == limit.cap, CappedMail.shard == shard)
    _put(session, update(CappedMail).where(*here).values(amount=CappedMail.amount + 1), row)
    if limit.cap is rules.Cap.ALL_HOUR:
        _sound_alarm(session, limit, now)


def _sound_alarm(session: Session, limit: rules.Limit, now: datetime) -> None:
    """Log that the cap over all mails was reached, once in each hour of the clock."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    if session.get(BreakerTrip, hour) is None and is_added(session, BreakerTrip(hour=hour)):
        log.error("more than %s mails to unconfirmed addresses within an hour: no more of them leave for now", limit.most)


def suppress_address(session: Session, address: str, *, reason: rules.SuppressReason, pepper: bytes, now: datetime) -> bool:
    """Send an address no unconfirmed mail any more; False when it was so already."""
    return _suppress(session, keyed(pepper, "mail", address.lower()), reason, now)


def allow_address(session: Session, address: str, *, pepper: bytes) -> bool:
    """Let an address get unconfirmed mail again, because its owner asks; False when nothing kept it from it."""
    there = delete(SuppressedAddress).where(SuppressedAddress.address_key == keyed(pepper, "mail", address.lower()))
    return session.execute(there.returning(SuppressedAddress.address_key)).first() is not None


def stop_mail(session: Session, secret: str, *, now: datetime) -> bool:
    """Stop unconfirmed mail to whoever got this link; False when the link is spent or unknown."""
    good = delete(StopLink).where(StopLink.token_hash == fingerprint(secret), StopLink.expires_at > now)
    address_key = session.scalar(good.returning(StopLink.address_key))
    if address_key is not None:
        _suppress(session, address_key, rules.SuppressReason.ASKED, now)
    return address_key is not None


def _suppress(session: Session, address_key: str, reason: rules.SuppressReason, now: datetime) -> bool:
    session.execute(delete(StopLink).where(StopLink.address_key == address_key))
    if session.get(SuppressedAddress, address_key) is not None:
        return False
    return is_added(session, SuppressedAddress(address_key=address_key, reason=reason, at=now))


def add_allowance(session: Session, who: Actor, data: AllowanceData, *, now: datetime) -> MailAllowance:
    """Allow more mails from a network, or from everywhere for a while. Raises Refused: see `rules`."""
    _require(permits.may_edit_allowances(who))
    network = rules.network_of(data.network)
    rules.check_window(network, data.starts_at, data.ends_at, now)
    added = MailAllowance(
        name=data.name,
        network=network,
        starts_at=data.starts_at,
        ends_at=data.ends_at,
        per_hour=data.per_hour,
        note=data.note,
    )
    session.add(added)
    session.flush()
    # The register stands beside this area and cannot be written from here: the log says who opened the sluice.
    log.warning("allowance %s of %s mails an hour for %s, by %s", added.id, data.per_hour, network or "everywhere", who.ref)
    return added


def remove_allowance(session: Session, who: Actor, allowance_id: int) -> None:
    """Take an allowance away; the caps of the house hold again at once."""
    _require(permits.may_edit_allowances(who))
    session.execute(delete(MailAllowance).where(MailAllowance.id == allowance_id))
    log.warning("allowance %s removed by %s", allowance_id, who.ref)


def _require(allowed: bool) -> None:
    if not allowed:
        raise NotAllowed


def reword_mail(session: Session, kind: str, *, subject: str, body: str, version: int) -> None:
    """Change a mail's text. `version` is the one the editor saw, 0 for the default text.

    Raises Refused: for a `$name` the mail does not know, or lacks and needs. Raises Stale: when somebody changed it.
    """
    if unknown := rules.unknown_names(f"{subject}\n{body}", rules.MAILS[kind]):
        raise Refused(N_("Nel testo c'è un nome che non esiste: %(names)s."), field="body", names=", ".join(unknown))
    if missing := rules.missing_names(body, rules.MAILS[kind]):
        raise Refused(
            N_("Il testo deve contenere %(names)s, o il messaggio non serve a nulla."), field="body", names=", ".join(missing)
        )
    if version == 0 and session.get(MailText, kind) is None:
        session.add(MailText(kind=kind, subject=subject, body=body))
        return
    change = (
        update(MailText)
        .where(MailText.kind == kind, MailText.version == version)
        .values(subject=subject, body=body, version=version + 1)
        .returning(MailText.kind)
    )
    if session.execute(change).first() is None:
        raise Stale(N_("Qualcuno ha cambiato questo testo nel frattempo."))


def erase_person(session: Session, person: Person, *, now: datetime) -> int:
    """Delete every mail to a person's addresses, sent or not. Returns how many.

    Her meters go by themselves within a day, her stop links within thirty; that she wants no more mail is kept on purpose.
    """
    gone = session.execute(delete(OutboxMail).where(OutboxMail.to_address.in_(person.addresses)).returning(OutboxMail.id))
    return len(gone.all())


def forget_expired(session: Session, *, now: datetime) -> int:
    """Delete what was counted more than a day ago, and the stop links that ended. Returns how many mails and links.

    A meter that somebody holds is left for the next time: whoever deletes waits for nobody, so that nobody waits in a circle.
    """
    old = now - rules.DAY
    free = select(Meter.subject).where(Meter.last_at < old).with_for_update(skip_locked=True)
    _delete(session, delete(Meter).where(Meter.subject.in_(free)))
    _delete(session, delete(CappedMail).where(CappedMail.since < old - rules.HOUR))
    _delete(session, delete(BreakerTrip).where(BreakerTrip.hour < old - rules.HOUR))
    gone = _delete(session, delete(MeteredMail).where(MeteredMail.at < old))
    return gone + _delete(session, delete(StopLink).where(StopLink.expires_at <= now))


def _delete(session: Session, rows: Any) -> int:
    return int(session.connection().execute(rows).rowcount)

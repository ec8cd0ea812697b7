"""Anomalous windows: flagged by the clockwork, decided by two people, never deleted."""

from collections import Counter
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from civic.city.models import Service
from civic.journal.commands import record
from civic.kernel.actor import Actor
from civic.kernel.db import is_added
from civic.kernel.errors import Missing, Refused
from civic.kernel.text import N_
from civic.quality import permits
from civic.quality.commands.tallies import AnswerCell, Cell, move
from civic.quality.models import AnomalyWindow, Rating, RatingAnswer
from civic.quality.rules import APART, Instrument, RatingChannel, Standing, Suspicion, Trust, WindowVerdict

_STANDING = {WindowVerdict.EXCLUDE: Standing.EXCLUDED, WindowVerdict.KEEP: Standing.COUNTED}


def flag_window(
    session: Session, who: Actor, *, service_code: str, day_band: tuple[object, int], found: Suspicion, now: datetime
) -> AnomalyWindow | None:
    """Set a window aside until two people have looked. None when it was flagged before."""
    day, band = day_band
    window = AnomalyWindow(
        service_code=service_code,
        day=day,
        hour_band=band,
        n=found.n,
        usual=found.usual,
        p_volume=found.p_volume,
        p_mix=found.p_mix,
        flagged_at=now,
    )
    if not is_added(session, window):
        return None
    set_standing(session, window, Standing.COUNTED, Standing.IN_REVIEW)
    facts = {"day": str(day), "band": band, "n": found.n, "usual": f"{found.usual:g}"}
    record(session, who, "quality.window_flagged", subject=("service", service_code), now=now, facts=facts)
    return window


def window_for(session: Session, who: Actor, window_id: int) -> AnomalyWindow:
    """Return a window that somebody may decide on, locked. Raises Missing: also for one's own office."""
    found = session.scalar(select(AnomalyWindow).where(AnomalyWindow.id == window_id).with_for_update())
    if found is None or not permits.may_review(who, session.get_one(Service, found.service_code)):
        raise Missing
    return found


def review_window(
    session: Session,
    who: Actor,
    window_id: int,
    verdict: WindowVerdict,
    *,
    note: str,
    public_note: str = "",
    now: datetime,
) -> AnomalyWindow:
    """Say what one of two people thinks. The second who agrees decides; one who does not sends it back to the start.

    Raises Missing. Raises Refused: for the same person twice, a decided window, no public note on what is left out.
    """
    window = window_for(session, who, window_id)
    if window.verdict is not None:
        raise Refused(N_("Su questo flusso hanno già deciso due persone."))
    if window.first_verdict is None:
        window.first_verdict, window.first_ref, window.first_at = verdict, who.ref, now
        window.note, window.public_note = f"{window.note}\n{note}".strip(), public_note
        return _told(session, who, window, "quality.window_proposed", verdict, now)
    if window.first_ref == who.ref:
        raise Refused(N_("Hai già detto la tua: ora serve una seconda persona."))
    window.note = f"{window.note}\n{note}".strip()
    if window.first_verdict != verdict:
        window.first_verdict, window.first_ref, window.first_at = None, "", None
        return _told(session, who, window, "quality.window_disputed", verdict, now)
    window.public_note = public_note or window.public_note
    if not window.public_note:
        raise Refused(N_("Scrivi la nota pubblica: chi legge il dato deve sapere perché."), field="public_note")
    window.verdict, window.second_ref, window.decided_at = verdict, who.ref, now
    set_standing(session, window, Standing.IN_REVIEW, _STANDING[verdict])
    return _told(session, who, window, "quality.window_decided", verdict, now)


def _told(session: Session, who: Actor, window: AnomalyWindow, kind: str, verdict: WindowVerdict, now: datetime) -> AnomalyWindow:
    facts = {"day": window.day.isoformat(), "band": window.hour_band, "verdict": verdict, "note": window.public_note}
    record(session, who, kind, subject=("service", window.service_code), now=now, facts=facts)
    return window


def set_standing(session: Session, window: AnomalyWindow, before: Standing, after: Standing) -> int:
    """Move a window's ratings from one standing to another, and their cells with them. Returns how many."""
    inside = (
        Rating.service_code == window.service_code,
        Rating.on_day == window.day,
        Rating.hour_band == window.hour_band,
        Rating.standing == before,
        Rating.channel.not_in(APART),
    )
    subject = (str(Instrument.SERVICE), window.service_code, window.day.replace(day=1))
    by = int(after is Standing.COUNTED) - int(before is Standing.COUNTED)
    moves: list[tuple[Cell | AnswerCell, int]] = []
    answers = select(RatingAnswer.code, RatingAnswer.score, func.count()).join(Rating, Rating.id == RatingAnswer.rating_id)
    for code, score, n in session.execute(answers.where(*inside).group_by(RatingAnswer.code, RatingAnswer.score)):
        moves.append((AnswerCell(*subject, code, score), n * by))
    # One statement, however many there are: an attack is just when there are very many.
    change = update(Rating).where(*inside).values(standing=after).execution_options(synchronize_session=False)
    moved = session.execute(change.returning(Rating.quartiere_code, Rating.channel, Rating.trust, Rating.stars)).all()
    counted = Counter((r.quartiere_code or "", RatingChannel(r.channel), Trust(r.trust), r.stars) for r in moved)
    for (quartiere, channel, trust, stars), n in counted.items():
        known = (quartiere, channel, trust)
        moves += [(Cell(*subject, *known, before, stars), -n), (Cell(*subject, *known, after, stars), n)]
    move(session, moves)
    return len(moved)

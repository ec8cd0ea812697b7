"""What the clockwork does with ratings: look for anomalous windows."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from civic.kernel.actor import system
from civic.kernel.clock import civil_day
from civic.quality.commands.windows import flag_window
from civic.quality.queries.evidence import flow_of, services_rated_since
from civic.quality.rules import band_of, suspicion


def watch(session: Session, now: datetime) -> int:
    """Flag the windows, this one and the one before, that look anomalous. Returns how many; idempotent."""
    flagged = 0
    earlier = now - timedelta(hours=6)
    slots = {(civil_day(at), band_of(at)) for at in (now, earlier)}
    for code in services_rated_since(session, civil_day(earlier)):
        seen = flow_of(session, code, today=civil_day(now))
        for day, band in sorted(slots):
            found = suspicion(day, band, seen)
            if found.alarming:
                window = flag_window(session, system("orologio"), service_code=code, day_band=(day, band), found=found, now=now)
                flagged += window is not None
    return flagged

"""What the clockwork does with ratings: look for anomalous windows."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from civic.contributions.commands.commitments import record_effect
from civic.contributions.queries.commitments import to_measure
from civic.contributions.rules import Effect, months_around
from civic.kernel.actor import system
from civic.kernel.clock import civil_day
from civic.quality.commands.windows import flag_window
from civic.quality.queries.evidence import flow_of, services_rated_since
from civic.quality.queries.figures import counts_per_service, threshold
from civic.quality.rules import NONE, band_of, suspicion

# A change is measured three whole months after its month; too few ratings until this long after, and it never is.
_MEASURED_FROM = timedelta(days=90)
_MEASURED_UNTIL = timedelta(days=365)


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


def measure_effects(session: Session, now: datetime) -> int:
    """Write beside each change how its service was rated before and after. Returns how many; idempotent."""
    today, least, measured = civil_day(now), threshold(session, "mean_min_n"), 0
    spans = {"done_before": today - _MEASURED_FROM, "done_from": today - _MEASURED_UNTIL}
    for change in to_measure(session, **spans):
        code = change.service_code or ""
        before, after = months_around(civil_day(change.made_at), change.done_on or today)
        if after[1] >= today.replace(day=1):
            continue
        found = [counts_per_service(session, since=s, until=u, services=[code]).get(code, NONE) for s, u in (before, after)]
        if min(sum(c) for c in found) < least:
            continue
        effect = Effect(found[0][3] + found[0][4], sum(found[0]), found[1][3] + found[1][4], sum(found[1]))
        measured += record_effect(session, system("orologio"), change, effect, now=now)
    return measured

"""The register's chain: whatever is rewritten is found, with its place; and many writers leave one unbroken chain."""

import hashlib
import json
import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, insert, select, update

from civic.journal import jobs, queries, rules
from civic.journal.commands import canonical_of, forget_author, publish_head, record
from civic.journal.models import ChainHead, ChainLink, JournalEntry
from civic.kernel.actor import Actor, system
from civic.kernel.db import Database

CHAINED = "planning.status_recorded"
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
OFFICE = Actor(ref="staff-1", name="Anna Bianchi", label="Direzione Ambiente")


def write(database: Database, links: int, *, who: Actor = OFFICE) -> None:
    """Write this many links, each with an entry outside the chain before it."""
    with database.writing() as session:
        for n in range(links):
            at = NOW + timedelta(seconds=n)
            record(session, who, "people.account_invited", subject=("account", "x"), now=at, facts={})
            record(
                session,
                who,
                CHAINED,
                subject=("action", f"A{n:03}"),
                now=at,
                facts={"status": "in_progress", "n": n, "note": "città"},
            )


def keep_head(database: Database) -> list[rules.Head]:
    """Publish today's head, and keep it outside as a reader of the register would."""
    with database.writing() as session:
        publish_head(session, now=NOW)
    with database.reading() as session:
        return [rules.Head.parse(h.line()) for h in queries.heads(session)]


def faults(database: Database, kept: list[rules.Head] | None = None) -> list[int]:
    with database.reading() as session:
        return [fault.seq for fault in queries.chain_faults(session, kept_heads=kept or [])]


def entry_of(session, seq: int) -> JournalEntry:
    return session.get_one(JournalEntry, session.get_one(ChainLink, seq).entry_id)


def test_an_untouched_chain_has_no_faults(database):
    write(database, 10)
    assert faults(database, keep_head(database)) == []
    with database.reading() as session:
        assert queries.chain_length(session) == 10


def test_an_empty_chain_has_no_faults_and_no_head(database):
    assert keep_head(database) == []
    assert faults(database) == []


@pytest.mark.parametrize(
    "changed",
    [
        {"facts": {"status": "completed", "n": 4, "note": "città"}},
        {"facts": {"status": "in_progress", "n": 4, "note": "citta"}},
        {"voice": "Altri"},
        {"happened_at": NOW},
        {"kind": "planning.version_published"},
        {"subject_ref": "A999"},
        {"subject_kind": "service"},
        {"author_seal": "0" * 64},
    ],
    ids=lambda c: "-".join(c),
)
def test_a_row_that_was_edited_is_found_at_its_own_link(database, changed):
    write(database, 10)
    kept = keep_head(database)
    with database.writing() as session:
        session.execute(update(JournalEntry).where(JournalEntry.id == entry_of(session, 5).id).values(**changed))
    assert faults(database, kept) == [5]


def test_a_row_removed_from_the_middle_is_found_at_its_own_link(database):
    write(database, 10)
    kept = keep_head(database)
    with database.writing() as session:
        gone = entry_of(session, 4).id
        session.execute(delete(ChainLink).where(ChainLink.seq == 4))
        session.execute(delete(JournalEntry).where(JournalEntry.id == gone))
    assert faults(database, kept)[0] == 4


def test_a_first_row_that_was_removed_is_found(database):
    write(database, 3)
    with database.writing() as session:
        session.execute(delete(ChainLink).where(ChainLink.seq == 1))
    assert faults(database)[0] == 1


def test_two_rows_that_changed_places_are_found(database):
    write(database, 6)
    with database.writing() as session:
        links = {link.seq: link.entry_id for link in session.scalars(select(ChainLink))}
        hashes = {link.seq: link.hash for link in session.scalars(select(ChainLink))}
        session.execute(delete(ChainLink).where(ChainLink.seq.in_([3, 4])))
        session.execute(
            insert(ChainLink),
            [{"seq": 3, "entry_id": links[4], "hash": hashes[3]}, {"seq": 4, "entry_id": links[3], "hash": hashes[4]}],
        )
    assert faults(database) == [3, 4]


def test_a_tail_that_was_cut_is_found_by_a_kept_head_and_by_nothing_else(database):
    write(database, 10)
    kept = keep_head(database)
    with database.writing() as session:
        session.execute(delete(ChainHead))
        session.execute(delete(ChainLink).where(ChainLink.seq > 7))
    assert faults(database) == []
    assert faults(database, kept) == [10]


def test_a_chain_computed_anew_is_found_by_a_kept_head_and_by_nothing_else(database):
    write(database, 10)
    kept = keep_head(database)
    with database.writing() as session:
        session.execute(
            update(JournalEntry).where(JournalEntry.id == entry_of(session, 5).id).values(facts={"status": "completed"})
        )
        session.expire_all()
        previous = rules.GENESIS
        for link in session.scalars(select(ChainLink).order_by(ChainLink.seq)):
            link.hash = previous = rules.link_hash(previous, link.seq, canonical_of(session.get_one(JournalEntry, link.entry_id)))
    assert faults(database) == []
    assert faults(database, kept) == [10]


def test_only_the_kinds_that_are_worth_a_lock_are_chained(database):
    write(database, 3)
    with database.reading() as session:
        chained = set(session.scalars(select(JournalEntry.kind).join(ChainLink)))
        assert chained == {CHAINED}
        assert len(session.scalars(select(JournalEntry)).all()) == 6


def test_a_stranger_can_compute_a_link_from_the_documented_text(database):
    """Without our code: SHA-256 of previous hash, number and sorted JSON."""
    write(database, 2)
    with database.reading() as session:
        first, second = session.scalars(select(ChainLink).order_by(ChainLink.seq))
        entry = session.get_one(JournalEntry, second.entry_id)
        text = json.dumps(
            {
                "author_seal": entry.author_seal,
                "facts": entry.facts,
                "happened_at": "2026-11-23T10:00:01+00:00",
                "kind": CHAINED,
                "subject": ["action", "A001"],
                "voice": "Direzione Ambiente",
            },
            sort_keys=True,
            separators=(",", ":"),
            ensure_ascii=False,
        )
        assert second.hash == hashlib.sha256(f"{first.hash}|2|{text}".encode()).hexdigest()


# ---- persons ---------------------------------------------------------------------------------------------------------


def test_forgetting_an_author_leaves_the_chain_valid_and_no_trace_of_the_person(database):
    write(database, 5)
    write(database, 5, who=Actor(ref="staff-2", label="Direzione Istruzione"))
    kept = keep_head(database)
    with database.writing() as session:
        assert forget_author(session, author_ref="staff-1") == 10
    assert faults(database, kept) == []
    with database.reading() as session:
        entries = session.scalars(select(JournalEntry)).all()
        assert {e.author_ref for e in entries} == {None, "staff-2"}
        assert all(e.author_salt is None for e in entries if e.author_ref is None)
        assert all(e.author_seal != rules.author_seal("staff-1", "") for e in entries)


def test_the_chained_text_holds_the_office_and_never_the_person(database):
    write(database, 1)
    with database.reading() as session:
        text = canonical_of(entry_of(session, 1))
    assert "Direzione Ambiente" in text
    assert "staff-1" not in text
    assert "Anna" not in text


def test_a_seal_binds_an_entry_to_its_author_while_the_salt_is_kept(database):
    write(database, 1)
    with database.reading() as session:
        entry = entry_of(session, 1)
        assert entry.author_seal == rules.author_seal("staff-1", entry.author_salt)
        assert entry.author_seal != rules.author_seal("staff-2", entry.author_salt)


# ---- many writers ----------------------------------------------------------------------------------------------------


def test_eight_writers_at_once_leave_an_unbroken_chain(database, database_url):
    failures = []

    def work(name: int) -> None:
        own = Database(database_url)
        try:
            for n in range(15):
                with own.writing() as session:
                    record(session, system(f"w{name}"), CHAINED, subject=("action", f"{name}-{n}"), now=NOW, facts={"n": n})
        except Exception as error:
            failures.append(error)
        finally:
            own.dispose()

    writers = [threading.Thread(target=work, args=(name,)) for name in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert failures == []
    assert faults(database, keep_head(database)) == []
    with database.reading() as session:
        assert session.scalars(select(ChainLink.seq).order_by(ChainLink.seq)).all() == list(range(1, 121))


@pytest.mark.long
def test_a_hundred_thousand_links_are_checked_in_one_question_to_the_database(database, clock, query_count):
    previous, at = rules.GENESIS, NOW
    entries, links = [], []
    for n in range(1, 100_001):
        row = {
            "id": n,
            "happened_at": at,
            "kind": CHAINED,
            "subject_kind": "action",
            "subject_ref": f"A{n}",
            "voice": "Direzione",
            "facts": {"status": "in_progress", "n": n},
            "author_seal": "0" * 64,
            "author_ref": None,
            "author_salt": None,
        }
        hidden = ("id", "author_ref", "author_salt")
        previous = rules.link_hash(previous, n, rules.canonical(**{k: v for k, v in row.items() if k not in hidden}))
        entries.append(row)
        links.append({"seq": n, "entry_id": n, "hash": previous})
    with database.writing() as session:
        for start in range(0, 100_000, 5_000):
            session.execute(insert(JournalEntry), entries[start : start + 5_000])
            session.execute(insert(ChainLink), links[start : start + 5_000])
    with query_count(database) as asked:
        assert faults(database) == []
    assert len(asked) == 1
    with database.writing() as session:
        session.execute(update(JournalEntry).where(JournalEntry.id == 77_777).values(voice="Altri"))
    assert faults(database) == [77_777]


# ---- heads -----------------------------------------------------------------------------------------------------------


def test_a_day_s_head_moves_forward_and_a_past_day_s_stays(database):
    write(database, 2)
    keep_head(database)
    write(database, 1)
    today = keep_head(database)
    assert [h.seq for h in today] == [3]
    write(database, 1)
    with database.writing() as session:
        publish_head(session, now=NOW + timedelta(days=1))
    with database.reading() as session:
        assert [(h.day.day, h.seq) for h in queries.heads(session)] == [(24, 4), (23, 3)]


def test_the_heads_file_only_ever_grows_and_reads_back(database, tmp_path):
    path = tmp_path / "outside" / "heads.txt"
    for links in (2, 0, 3):
        write(database, links)
        keep_head(database)
        before = path.read_text() if path.exists() else ""
        with database.reading() as session:
            assert jobs.write_heads_file(session, path) == (1 if links else 0)
        assert path.read_text().startswith(before)
    kept = jobs.read_heads_file(path)
    assert [h.seq for h in kept] == [2, 5]
    assert faults(database, kept) == []


@pytest.mark.parametrize(
    "line",
    [
        "",
        "x",
        "2026-11-23 1",
        "2026-11-23 x " + "a" * 64,
        "2026-11-23 1 abc",
        "2026-13-01 1 " + "a" * 64,
        "2026-11-23 1 " + "a" * 64 + " x",
    ],
)
def test_a_line_that_is_not_a_head_is_an_error(line):
    with pytest.raises(ValueError):  # noqa: PT011 - the words are Python's own
        rules.Head.parse(line)


def test_the_head_of_one_day_can_be_published_any_number_of_times(database):
    write(database, 2)
    assert keep_head(database) == keep_head(database)

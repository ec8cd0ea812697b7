"""Mail leaves after the commit: once for each key, later when a server fails, and never lost."""

import threading
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from wtforms.validators import ValidationError

from civic.kernel.db import Database
from civic.kernel.errors import Refused, Stale
from civic.kernel.persons import Person
from civic.outbox import jobs, rules
from civic.outbox.commands import erase_person, post, reword_mail
from civic.outbox.mailer import FolderMailer, as_message
from civic.outbox.models import OutboxMail
from civic.rights.retention import purge
from civic.web.forms import mail_address

KIND = "people.invited"
VALUES = {"name": "Anna", "link": "http://localhost/desk/scegli-password/x", "site": "Comune di Prova"}


def tell(database: Database, clock, key: str = "k1", to: str = "anna@prova.example", **changed: str) -> bool:
    with database.writing() as session:
        return post(session, KIND, key=key, to=to, values=VALUES | changed, now=clock.now)


def mail(database: Database, key: str = "k1") -> OutboxMail:
    with database.reading() as session:
        return session.scalars(select(OutboxMail).where(OutboxMail.key == key)).one()


def test_a_posted_mail_arrives_with_its_words(database, clock, mailbox):
    tell(database, clock)
    (arrived,) = mailbox.deliver_now()
    assert arrived.to_address == "anna@prova.example"
    assert arrived.subject == "Il tuo accesso alla scrivania di Comune di Prova"
    assert "Buongiorno Anna" in arrived.body
    assert mailbox.link(arrived) == "/desk/scegli-password/x"
    assert mail(database).sent_at == clock.now


def test_a_key_is_told_once(database, clock, mailbox):
    assert tell(database, clock)
    assert not tell(database, clock)
    assert len(mailbox.deliver_now()) == 1
    assert not tell(database, clock)
    clock.advance(days=1)
    assert mailbox.deliver_now() == []


def test_a_mail_of_a_transaction_that_failed_never_leaves(database, clock, mailbox):

    def post_and_fail() -> None:
        with database.writing() as session:
            post(session, KIND, key="k1", to="anna@prova.example", values=VALUES, now=clock.now)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        post_and_fail()
    assert mailbox.deliver_now() == []


def test_a_mail_that_failed_is_tried_again_after_longer_and_longer_pauses(database, clock, mailbox):
    tell(database, clock)
    mailbox.refuse_next(3)
    for minutes in (1, 2, 4):
        assert mailbox.deliver_now() == []
        assert mail(database).not_before == clock.now + timedelta(minutes=minutes)
        clock.advance(minutes=minutes, seconds=-1)
        assert mailbox.deliver_now() == []
        clock.advance(seconds=1)
    assert len(mailbox.deliver_now()) == 1
    assert mail(database).attempts == 4


def test_a_mail_nobody_takes_is_given_up_after_eight_attempts_and_says_so(database, clock, mailbox):
    tell(database, clock)
    mailbox.refuse_next(100)
    for _attempt in range(20):
        mailbox.deliver_now()
        clock.advance(hours=5)
    assert mail(database).attempts == rules.MOST_ATTEMPTS
    assert mail(database).failed_at is not None
    assert mail(database).sent_at is None


def test_one_mail_that_fails_does_not_hold_the_others_back(database, clock, mailbox):
    for n in range(3):
        tell(database, clock, key=f"k{n}")
    mailbox.refuse_next(1)
    assert len(mailbox.deliver_now()) == 2


class Breaking:
    """A mailer that one mail breaks, as a malformed address breaks the library that writes it."""

    def __init__(self, key: str) -> None:
        self.key, self.delivered = key, []

    def deliver(self, mail: OutboxMail) -> None:
        if mail.key == self.key:
            raise ValueError("this mail cannot be written")
        self.delivered.append(mail.key)


def test_a_mail_that_cannot_be_written_does_not_stop_the_others(database, clock):
    for n in range(4):
        tell(database, clock, key=f"k{n}")
    mailer = Breaking("k1")
    for _tick in range(3):
        jobs.deliver(database, mailer, clock.now)
        clock.advance(minutes=6)
    assert sorted(mailer.delivered) == ["k0", "k2", "k3"]


def test_a_worker_that_died_with_a_mail_in_hand_leaves_it_to_another(database, clock, mailbox):
    class Dying:
        def deliver(self, mail: OutboxMail) -> None:
            raise SystemExit

    tell(database, clock)
    with pytest.raises(SystemExit):
        jobs.deliver(database, Dying(), clock.now)
    assert mailbox.deliver_now() == []
    clock.advance(minutes=5)
    assert len(mailbox.deliver_now()) == 1


def test_two_workers_deliver_each_mail_once(database, database_url, clock):
    for n in range(60):
        tell(database, clock, key=f"k{n}")
    delivered, failures, start = [], [], threading.Barrier(2)

    class Slow:
        def deliver(self, mail: OutboxMail) -> None:
            delivered.append(mail.key)

    def work() -> None:
        own = Database(database_url)
        try:
            start.wait()
            while jobs.deliver(own, Slow(), clock.now, most=7):
                pass
        except Exception as error:
            failures.append(error)
        finally:
            own.dispose()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert failures == []
    assert sorted(delivered) == sorted(f"k{n}" for n in range(60))


def test_a_delivered_mail_is_deleted_after_seven_days_and_not_before(database, clock, mailbox):
    tell(database, clock)
    tell(database, clock, key="waits", to="b@prova.example")
    mailbox.refuse_next(0)
    mailbox.deliver_now()
    for days, gone in ((7, 0), (0.01, 2)):
        clock.advance(days=days)
        with database.writing() as session:
            assert purge(session, clock.now) == gone


def test_a_mail_that_waits_is_never_purged(database, clock):
    tell(database, clock)
    clock.advance(days=400)
    with database.writing() as session:
        assert purge(session, clock.now) == 0


def test_erasing_a_person_takes_every_mail_to_her_address(database, clock):
    tell(database, clock, key="a")
    tell(database, clock, key="b")
    tell(database, clock, key="c", to="bruno@prova.example")
    with database.writing() as session:
        assert erase_person(session, Person("", ("anna@prova.example",)), now=clock.now) == 2
    assert mail(database, "c").to_address == "bruno@prova.example"


# ---- words -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", rules.MAILS)
def test_every_mail_s_default_words_use_only_names_it_knows(kind):
    words = rules.MAILS[kind]
    for text in (words.subject, words.body):
        assert rules.unknown_names(text, words) == []
        assert "$" not in rules.fill(text, dict.fromkeys(words.names, "x"))


@pytest.mark.parametrize("kind", rules.MAILS)
def test_every_default_text_can_be_saved_as_it_stands(database, kind):
    with database.writing() as session:
        reword_mail(session, kind, subject=rules.MAILS[kind].subject, body=rules.MAILS[kind].body, version=0)


def test_an_administration_s_own_words_take_the_place_of_the_default(database, clock, mailbox):
    with database.writing() as session:
        reword_mail(session, KIND, subject="Benvenuta, $name", body="Vai a $link", version=0)
    tell(database, clock)
    (arrived,) = mailbox.deliver_now()
    assert (arrived.subject, arrived.body) == ("Benvenuta, Anna", f"Vai a {VALUES['link']}")


@pytest.mark.parametrize("body", ["$nome", "costa 5$", "${link", "$", "$name $lnk"])
def test_words_with_a_name_that_does_not_exist_are_refused(database, body):
    with pytest.raises(Refused), database.writing() as session:
        reword_mail(session, KIND, subject="x", body=body, version=0)


def test_two_people_who_change_the_same_mail_see_each_other(database):
    with database.writing() as session:
        reword_mail(session, KIND, subject="uno", body="x $link", version=0)
    with pytest.raises(Stale), database.writing() as session:
        reword_mail(session, KIND, subject="due", body="x $link", version=0)
    with database.writing() as session:
        reword_mail(session, KIND, subject="tre", body="x $link", version=1)
    with pytest.raises(Stale), database.writing() as session:
        reword_mail(session, KIND, subject="quattro", body="x $link", version=1)


# ---- the message -----------------------------------------------------------------------------------------------------


def row(**changed: str) -> OutboxMail:
    told = {"key": "k", "kind": KIND, "to_address": "anna@prova.example", "subject": "Città", "body": "Perché no?\n"} | changed
    return OutboxMail(id=7, **told)


def test_a_mail_is_written_as_a_file_that_reads_back(tmp_path, clock):
    written = row()
    written.created_at = clock.now
    FolderMailer(tmp_path, "civic@prova.example").deliver(written)
    (path,) = tmp_path.iterdir()
    read = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert (read["To"], read["From"], read["Subject"]) == ("anna@prova.example", "civic@prova.example", "Città")
    assert read["Auto-Submitted"] == "auto-generated"
    assert read.get_content() == "Perché no?\n"


def test_delivering_a_mail_again_is_the_same_file(tmp_path, clock):
    for _twice in range(2):
        written = row()
        written.created_at = clock.now
        FolderMailer(tmp_path, "civic@prova.example").deliver(written)
    assert len(list(tmp_path.iterdir())) == 1


def test_delivering_a_mail_again_is_the_same_message(clock):
    first, second = row(), row()
    first.created_at = second.created_at = clock.now
    assert as_message(first, "c@prova.example")["Message-ID"] == as_message(second, "c@prova.example")["Message-ID"]


class Typed:
    """What a form's check looks at."""

    def __init__(self, data: str) -> None:
        self.data = data


_ADDRESSES = st.from_regex(r"\A[!-~à]{1,12}@[!-~à]{1,8}\.[!-~à]{1,8}\Z")


@given(_ADDRESSES)
def test_every_address_that_a_form_accepts_can_be_written_on_a_mail(address):
    try:
        mail_address(None, Typed(address))
    except ValidationError:
        return
    written = row(to_address=address)
    written.created_at = datetime(2026, 11, 23, tzinfo=UTC)
    bytes(as_message(written, "civic@prova.example"))


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "\0"], ids=ascii)
@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_subject_made_of_people_s_words_is_always_one_line(database, clock, end, tmp_path):
    values = {"title": f"Prima{end}Bcc: altri@prova.example", "office": "Ufficio", "link": "http://localhost/", "site": "Prova"}
    with database.writing() as session:
        post(session, "planning.draft_submitted", key="k1", to="anna@prova.example", values=values, now=clock.now)
    assert jobs.deliver(database, FolderMailer(tmp_path, "civic@prova.example"), clock.now) == 1
    read = message_from_bytes(next(tmp_path.iterdir()).read_bytes(), policy=policy.default)
    assert read["Bcc"] is None
    assert read["Subject"].startswith("Bozza da approvare: Prima")

"""The keys outside the database: with another one everybody would become somebody else."""

import threading

import pytest
from sqlalchemy import select

from civic.kernel.errors import Refused
from civic.kernel.keys import PEPPER, key_of
from civic.people.commands.citizens import seal_pepper
from civic.people.models import PepperSeal


def test_a_key_is_made_once_whoever_comes_first_and_is_readable_by_its_owner_only(tmp_path):
    found = []
    threads = [threading.Thread(target=lambda: found.append(key_of(tmp_path / "keys", PEPPER))) for _n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    path = tmp_path / "keys" / "pepper.key"
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0
    assert [p.name for p in path.parent.iterdir()] == ["pepper.key"]


def test_a_spoilt_key_file_is_refused_rather_than_used(tmp_path):
    (tmp_path / "pepper.key").write_bytes(b"short")
    with pytest.raises(Refused, match="copia di sicurezza"):
        key_of(tmp_path, PEPPER)


def test_a_database_goes_with_its_own_pepper_and_with_no_other(database):
    with database.writing() as session:
        seal_pepper(session, b"a" * 32)
    with database.writing() as session:
        seal_pepper(session, b"a" * 32)
    with pytest.raises(Refused, match="CIVIC_KEYS_DIR"), database.writing() as session:
        seal_pepper(session, b"b" * 32)
    with database.reading() as session:
        assert "a" * 32 not in session.scalars(select(PepperSeal.code)).one()

"""The configuration: what does not fit is refused in one line that says how to mend it."""

from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import TOOLING_NAMES, Config, ConfigError, from_environ

SECRET = "s" * 32
GOOD = {"CIVIC_SECRET_KEY": SECRET}


def refusal(**environ: str) -> str:
    with pytest.raises(ConfigError) as caught:
        from_environ(GOOD | environ)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_an_environment_with_nothing_but_a_secret_is_enough():
    config = from_environ(GOOD | {"PATH": "/bin", "HOME": ""})
    assert config.secret_key == SECRET
    assert config.database_url == f"sqlite:///{config.data_dir / 'civic.sqlite3'}"
    assert not config.demo
    assert not config.https


def test_every_setting_is_read_from_its_own_variable(tmp_path):
    given_values = {
        "demo": "1",
        "demo_city": "prato",
        "data_dir": str(tmp_path),
        "database_url": "postgresql+psycopg://u@h/d",
        "secret_key": SECRET,
        "base_url": "https://partecipa.comune.example",
        "host": "0.0.0.0",
        "port": "9000",
        "processes": "3",
        "threads": "5",
        "proxies": "1",
        "max_body_mb": "9",
        "redis_url": "rediss://:p@redis.example:6380/1",
        "posts_per_minute": "61",
        "form_min_seconds": "2",
        "rating_origins": "https://www.comune.example",
        "smtp_url": "smtps://u:p@mail.example:465",
        "mail_from": "civic@comune.example",
        "mails_per_address_hour": "4",
        "mails_per_address_day": "11",
        "mails_per_origin_hour": "21",
        "mails_per_operator_hour": "201",
        "mails_all_hour": "2001",
        "keys_dir": str(tmp_path / "k"),
        "identity_file": str(tmp_path / "i.toml"),
        "residents_key": "a" * 64,
        "idp_port": "9001",
        "heads_file": str(tmp_path / "h"),
        "accessibility_url": "https://form.example",
        "source_url": "https://code.example",
        "security_contact": "mailto:x@comune.example",
    }
    assert set(given_values) == {f.name for f in fields(Config)}
    config = from_environ({f"CIVIC_{name.upper()}": value for name, value in given_values.items()})
    for name, value in given_values.items():
        as_path = {
            "data_dir": tmp_path,
            "heads_file": tmp_path / "h",
            "keys_dir": tmp_path / "k",
            "identity_file": tmp_path / "i.toml",
        }
        expected = ({"demo": True} | as_path).get(name, int(value) if value.isdigit() else value)
        assert getattr(config, name) == expected


@pytest.mark.parametrize("name", ["CIVIC_SECRET", "CIVIC_DEBUG", "CIVIC_", "CIVIC_test", "CIVIC_TEST_ALTRO", "CIVIC_SECRET_KEY_"])
def test_a_name_that_is_no_setting_is_refused_by_name(name):
    assert name in refusal(**{name: "1"})


@pytest.mark.parametrize("name", sorted(TOOLING_NAMES))
def test_what_only_the_tests_read_is_let_through(name):
    assert from_environ(GOOD | {name: "x"}).secret_key == SECRET


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CIVIC_DEMO", "yes"),
        ("CIVIC_DEMO", "2"),
        ("CIVIC_PORT", "http"),
        ("CIVIC_PORT", "0"),
        ("CIVIC_PORT", "65536"),
        ("CIVIC_PORT", "-1"),
        ("CIVIC_PORT", "8000.0"),
        ("CIVIC_PORT", "٨٠٠٠"),
        ("CIVIC_PORT", "9" * 30),
        ("CIVIC_PROCESSES", "0"),
        ("CIVIC_PROCESSES", "65"),
        ("CIVIC_THREADS", "0"),
        ("CIVIC_PROXIES", "6"),
        ("CIVIC_MAX_BODY_MB", "0"),
        ("CIVIC_MAILS_PER_ADDRESS_HOUR", "0"),
        ("CIVIC_MAILS_ALL_HOUR", "0"),
        ("CIVIC_BASE_URL", "partecipa.comune.example"),
        ("CIVIC_BASE_URL", "https://partecipa.comune.example/"),
        ("CIVIC_BASE_URL", "ftp://x.example"),
        ("CIVIC_BASE_URL", "https://"),
        ("CIVIC_BASE_URL", "http://["),
        ("CIVIC_BASE_URL", "http://x.example:porta"),
        ("CIVIC_BASE_URL", "https://x.example/a b"),
        ("CIVIC_BASE_URL", "https://x.example?a=1"),
        ("CIVIC_DATABASE_URL", "mysql://h/d"),
        ("CIVIC_DATABASE_URL", "postgresql://h/d"),
        ("CIVIC_DATABASE_URL", "postgresql+psycopg://h:porta/d"),
        ("CIVIC_DATABASE_URL", "sqlite:///"),
        ("CIVIC_DATABASE_URL", "sqlite:///:memory:"),
        ("CIVIC_DATABASE_URL", "civic.sqlite3"),
        ("CIVIC_RATING_ORIGINS", "www.comune.example"),
        ("CIVIC_RATING_ORIGINS", "https://www.comune.example/pagina"),
        ("CIVIC_RATING_ORIGINS", "https://www.comune.example, ftp://altro.example"),
        ("CIVIC_SMTP_URL", "mail.example:25"),
        ("CIVIC_SMTP_URL", "smtp://["),
        ("CIVIC_SMTP_URL", "smtp://h:porta"),
        ("CIVIC_SECRET_KEY", "corta"),
        ("CIVIC_SECRET_KEY", "s" * 31),
        ("CIVIC_DATA_DIR", "~nessuno-qui/civic"),
        ("CIVIC_MAIL_FROM", "senza-chiocciola"),
        ("CIVIC_MAIL_FROM", "a@b.example\nBcc: c@d.example"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_by_the_name_of_its_variable(name, value):
    assert name in refusal(**{name: value})


def test_without_a_secret_only_the_demonstration_starts(tmp_path):
    with pytest.raises(ConfigError, match="CIVIC_SECRET_KEY"):
        from_environ({"CIVIC_DATA_DIR": str(tmp_path)})
    assert len(from_environ({"CIVIC_DEMO": "1", "CIVIC_DATA_DIR": str(tmp_path)}).secret_key) >= 32


def test_an_empty_secret_is_a_missing_one(tmp_path):
    with pytest.raises(ConfigError, match="CIVIC_SECRET_KEY"):
        from_environ({"CIVIC_SECRET_KEY": "   ", "CIVIC_DATA_DIR": str(tmp_path)})


def test_the_demonstration_s_secret_is_made_once_and_nobody_else_may_read_it(tmp_path):
    environ = {"CIVIC_DEMO": "1", "CIVIC_DATA_DIR": str(tmp_path / "new")}
    first = from_environ(environ).secret_key
    assert from_environ(environ).secret_key == first
    (kept,) = (tmp_path / "new").iterdir()
    assert kept.stat().st_mode & 0o077 == 0


def test_a_demonstration_s_secret_that_was_cut_short_is_not_used(tmp_path):
    (tmp_path / "demo-secret").touch()
    assert len(from_environ({"CIVIC_DEMO": "1", "CIVIC_DATA_DIR": str(tmp_path)}).secret_key) >= 32


def test_secrets_are_not_printed_with_the_configuration():
    config = from_environ({"CIVIC_SECRET_KEY": "molto-segreto" * 3, "CIVIC_SMTP_URL": "smtp://u:parola@h"})
    assert "segreto" not in repr(config)
    assert "parola" not in repr(config)


def test_a_database_s_password_is_not_printed_with_the_configuration():
    assert "parola" not in repr(from_environ(GOOD | {"CIVIC_DATABASE_URL": "postgresql+psycopg://u:parola@h/d"}))


def test_a_relative_folder_is_fixed_to_where_the_program_started():
    assert from_environ(GOOD | {"CIVIC_DATA_DIR": "dati"}).data_dir == Path.cwd() / "dati"


def test_https_in_the_public_address_is_noticed():
    assert from_environ(GOOD | {"CIVIC_BASE_URL": "https://partecipa.comune.example"}).https


_NAMES = st.sampled_from(sorted(f"CIVIC_{f.name.upper()}" for f in fields(Config) if f.name != "demo"))


@given(_NAMES, st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=30))
def test_no_value_whatsoever_ends_in_anything_but_a_configuration_or_one_line(name, value):
    told = ""
    try:
        from_environ(GOOD | {name: value})
    except ConfigError as error:
        told = str(error)
    assert "\n" not in told

"""The whole town put together: the only file, with cli.py, that names every area."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from flask import Flask
from flask_wtf import CSRFProtect
from sqlalchemy.orm import Session
from werkzeug.middleware.proxy_fix import ProxyFix

from civic.city import desk as city_desk
from civic.city import queries as city_queries
from civic.city import views as city_views
from civic.contributions import jobs as voices_jobs
from civic.contributions import measuring as voices_desk
from civic.contributions import views as voices_views
from civic.demo import identity as demo_identity
from civic.demo import people as demo_people
from civic.desk import menu
from civic.desk import privacy as desk_privacy
from civic.desk import rights as desk_rights
from civic.desk import views as desk_views
from civic.front import area as front_area
from civic.front import plumbing as front_plumbing
from civic.front import queries as front_queries
from civic.front import views as front_views
from civic.journal import commands as journal_commands
from civic.journal import jobs as journal_jobs
from civic.journal import views as journal_views
from civic.kernel import clock as kernel_clock
from civic.kernel.clock import Clock
from civic.kernel.db import Database
from civic.kernel.keys import PEPPER, key_of
from civic.outbox import desk as outbox_desk
from civic.outbox import jobs as outbox_jobs
from civic.outbox import views as outbox_views
from civic.outbox.mailer import FolderMailer, Mailer, SmtpMailer
from civic.people import account as people_account
from civic.people import counter as people_counter
from civic.people import desk as people_desk
from civic.people import entering as people_entering
from civic.people import office as people_office
from civic.people import oidc
from civic.people import views as people_views
from civic.people.commands import citizens as citizen_commands
from civic.people.providers import Provider, ProviderKind, read_providers
from civic.people.queries import citizens as citizen_queries
from civic.planning import desk as planning_desk
from civic.planning import views as planning_views
from civic.quality import asking as quality_site
from civic.quality import jobs as quality_jobs
from civic.quality import reviewing as quality_desk
from civic.quality.rules import words_of
from civic.rights import erasure, retention
from civic.web import assets, doors, errors, guard, headers, i18n, limits, origins, pages, sessions, town
from config import ROOT, Config

BLUEPRINTS = (
    front_views.site,
    front_plumbing.plumbing,
    planning_views.site,
    city_views.site,
    journal_views.site,
    outbox_views.site,
    people_views.site,
    people_entering.entry,
    people_account.account,
    front_area.area,
    voices_views.site,
    quality_site.site,
    desk_views.desk,
    desk_privacy.privacy,
    desk_rights.rights,
    planning_desk.desk,
    voices_desk.desk,
    quality_desk.desk,
    city_desk.desk,
    outbox_desk.desk,
    people_desk.desk,
    people_office.office,
    people_counter.counter,
)
Job = Callable[[Session, datetime], int]
# Jobs run at every tick, each in its own transaction; all are idempotent.
CLOCKWORK: tuple[tuple[str, Job], ...] = (
    ("journal.publish_head", journal_jobs.publish_head),
    ("outbox.purge_meters", outbox_jobs.purge_meters),  # before rights.purge: see outbox.models.Meter
    ("rights.purge", retention.purge),
    ("journal.forget_old_authors", journal_commands.forget_old_authors),
    ("quality.watch", quality_jobs.watch),
    ("quality.measure_effects", quality_jobs.measure_effects),
    ("rights.erase_long_closed", erasure.erase_long_closed),
    ("rights.erase_unused", erasure.erase_unused),
)


def create_app(config: Config, *, clock: Clock = kernel_clock.now) -> Flask:
    """Build the application. Raises RuntimeError when a route has no door."""
    app = Flask("civic", template_folder=str(ROOT / "templates"), static_folder=None)
    app.secret_key = config.secret_key
    app.config.update(
        MAX_CONTENT_LENGTH=config.max_body_mb * 1_000_000,
        MAX_FORM_MEMORY_SIZE=config.max_body_mb * 1_000_000,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
        TEMPLATES_AUTO_RELOAD=False,
    )
    database = Database(config.database_url, pool_size=config.threads + 2)
    chrome = partial(front_queries.chrome, accessibility_url=config.accessibility_url, source_url=config.source_url)
    town.install(
        app,
        town.Town(
            config=config,
            database=database,
            clock=clock,
            pepper=key_of(config.keys_path, PEPPER),
            recognise=citizen_queries.recognise,
            touch=citizen_commands.touch,
            chrome=chrome,
            is_silent=city_queries.is_silent,
        ),
    )
    csrf = CSRFProtect(app)
    for room in (assets, i18n, pages, headers, guard, errors):
        room.install(app)
    sessions.install(app, config)
    oidc.install(app, identity_providers(config))
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    app.jinja_env.globals["desk_menu"] = menu.desk_menu
    app.jinja_env.globals["rating_words"] = words_of
    app.jinja_env.globals["staff_providers"] = partial(oidc.providers, ProviderKind.STAFF)
    app.jinja_env.globals["demo_logins"] = demo_people.LOGINS if config.demo else ()
    app.jinja_env.globals["demo_password"] = demo_people.PASSWORD if config.demo else ""
    doors.require_doors(app)
    origins.install(app, csrf)
    limits.install(app, config)
    app.wsgi_app = i18n.LanguagePrefix(app.wsgi_app)  # type: ignore[method-assign]
    if config.proxies:
        n = config.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=n, x_proto=n, x_host=n)  # type: ignore[method-assign]
    return app


def identity_providers(config: Config) -> tuple[Provider, ...]:
    """List the identity providers of this installation: those of its file, or the demonstration's own."""
    if config.identity_file is not None:
        return read_providers(config.identity_file)
    return demo_identity.providers(config) if config.demo else ()


def make_mailer(config: Config) -> Mailer:
    """Return the way mail leaves this installation."""
    if config.smtp_url:
        return SmtpMailer(config.smtp_url, config.mail_from)
    return FolderMailer(config.data_dir / "mail", config.mail_from)


def tick(config: Config, database: Database, mailer: Mailer, now: datetime) -> dict[str, int]:
    """Run every scheduled job once, deliver waiting mail, write the heads file. Returns what each did."""
    done: dict[str, int] = {}
    base = config.base_url
    linked: tuple[tuple[str, Job], ...] = (
        ("contributions.announce_late", partial(voices_jobs.announce_late, link=f"{base}/desk/voci/%s")),
        ("contributions.ask_checks", partial(voices_jobs.ask_checks, link=f"{base}/voci/verifica/%s")),
    )
    for name, job in (*CLOCKWORK, *linked):
        with database.writing() as session:
            done[name] = job(session, now)
    done["outbox.deliver"] = outbox_jobs.deliver(database, mailer, now)
    with database.reading() as session:
        done["journal.write_heads_file"] = journal_jobs.write_heads_file(session, config.heads_path)
    return done

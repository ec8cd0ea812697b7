"""The command line: one installation from birth to backup. Errors are one line; 2 is "told wrongly", 1 is "found wrong"."""

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from sqlalchemy.exc import OperationalError

from civic import backup as backups
from civic.app import identity_providers, make_mailer, tick
from civic.city import commands as city
from civic.city.queries import ente_or_none
from civic.demo import dataset
from civic.demo import people as demo_people
from civic.demo.whole import load_whole
from civic.journal import jobs as journal_jobs
from civic.journal import queries as journal
from civic.kernel import schema
from civic.kernel.actor import system
from civic.kernel.db import Database
from civic.kernel.errors import CivicError, Refused
from civic.kernel.keys import PEPPER, key_of
from civic.outbox.rules import Asked, Origin, caps_of
from civic.people import residents
from civic.people.commands import citizens, residence
from civic.people.commands import staff as people
from civic.people.passwords import hash_password
from civic.people.rules import ROLES, password_problem
from civic.planning.commands import actions as programme
from civic.planning.queries.check import programme_faults
from civic.quality.commands.tallies import rebuild
from civic.server import listen, listen_idp, run_idp, serve
from config import HOME_ADDRESS, Config, ConfigError, from_environ


def main() -> None:
    """Run one command; a polite failure is one line and exit code 2, never a traceback."""
    os.umask(0o077)  # the database and the mails hold personal data
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    try:
        cli(standalone_mode=False)
    except click.ClickException as error:
        _fail(error.format_message())
    except click.Abort:
        _fail("interrotto.")
    except (ConfigError, CivicError) as error:
        _fail(str(error))
    except OSError as error:
        _fail(f"{error.strerror or error}: {error.filename or ''}".rstrip(": "))
    except OperationalError as error:
        _fail(f"la banca dati non risponde: {str(error.orig).strip().splitlines()[0]}")


def _fail(message: str) -> None:
    click.echo(f"civic: {message}", err=True)
    sys.exit(2)


def _say(line: str) -> None:
    click.echo(f"  · {line}")


@click.group()
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Civic: programma di mandato, ascolto, monitoraggio civico, quartieri."""
    ctx.obj = from_environ()


@contextmanager
def _ready(config: Config) -> Iterator[Database]:
    """Open the database, which must be at this program's level."""
    database = Database(config.database_url)
    if database.is_sqlite and not Path(database.engine.url.database or "").is_file():
        raise Refused(
            "non c'è ancora nessuna banca dati in %(path)s: comincia con «civic init», oppure «civic migrate».",
            path=database.engine.url.database,
        )
    level = schema.level_of(database)
    if level != schema.head_level():
        raise Refused(
            "la banca dati è al livello %(level)s, questo programma è al livello %(head)s: esegui «civic migrate».",
            level=level or "zero",
            head=schema.head_level(),
        )
    yield database
    database.dispose()


@cli.command()
@click.pass_obj
def migrate(config: Config) -> None:
    """Porta la banca dati al livello di questo programma."""
    try:
        config.data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Refused("CIVIC_DATA_DIR: %(path)s: %(why)s.", path=str(config.data_dir), why=error.strerror or "") from error
    database = Database(config.database_url)
    before = schema.level_of(database)
    if before != schema.head_level():
        _refuse_newer(before)
        schema.upgrade(database)
        _say(f"banca dati portata dal livello {before or 'zero'} al livello {schema.head_level()}")


def _refuse_newer(level: str) -> None:
    if level and level > schema.head_level():
        raise Refused(
            "la banca dati è al livello %(level)s, più nuovo di questo programma (%(head)s): aggiorna il programma.",
            level=level,
            head=schema.head_level(),
        )


@cli.command()
@click.pass_context
@click.option("--name", prompt="Nome dell'ente", help="Per esempio: Comune di Esempio.")
@click.option("--short-name", prompt="Nome breve della città")
def init(ctx: click.Context, name: str, short_name: str) -> None:
    """Comincia un'installazione vuota e dice che cosa resta da fare."""
    ctx.invoke(migrate)
    with _ready(ctx.obj) as database, database.writing() as session:
        if ente_or_none(session) is not None:
            raise Refused("l'installazione c'è già: per cambiarla usa la scrivania.")
        data = city.EnteData(name=name, short_name=short_name)
        city.set_identity(session, system("installazione"), data, version=0, now=_now())
    click.echo(CHECKLIST)


CHECKLIST = """
Fatto. Che cosa resta, in ordine:
  1. civic user add --role administrator    il primo accesso alla scrivania
  2. scrivania > Identità dell'ente         indirizzo, PEC, responsabile della protezione dei dati
  3. scrivania > Uffici; Servizi            oppure: civic import dataset CARTELLA
  4. civic import programme FILE            il programma di mandato (prima senza --apply: anteprima)
  5. CIVIC_SMTP_URL, CIVIC_BASE_URL         posta e indirizzo pubblico (docs/configuration.md)
  6. civic backup FILE, ogni giorno         e prova civic restore su una macchina vuota
"""


def _now() -> datetime:
    return datetime.now(UTC)


@cli.command()
@click.option("--keep", is_flag=True, help="Se i dati ci sono già, lasciali.")
@click.pass_obj
def demo(config: Config, keep: bool) -> None:
    """Carica la città dimostrativa attraverso i comandi."""
    if not config.demo:
        raise Refused("la dimostrazione si carica solo con CIVIC_DEMO=1.")
    with _ready(config) as database:
        with database.reading() as session:
            loaded = ente_or_none(session) is not None
        if loaded and not keep:
            raise Refused("i dati ci sono già: cancella la cartella %(folder)s per ricominciare.", folder=str(config.data_dir))
        if not loaded:
            _load_demo(config, database)
            tick(config, database, make_mailer(config), _now())


def _load_demo(config: Config, database: Database) -> None:
    who, now = system("Ufficio del Sindaco"), _now()
    folder = dataset.city_folder(config.demo_city)
    click.echo(f"Carico la città dimostrativa ({folder.name}):")
    pepper, base = key_of(config.keys_path, PEPPER), config.base_url
    asked = Asked(origin=Origin(), caps=caps_of(config), pepper=pepper, stop_link=f"{base}/posta/basta/%s")
    with database.writing() as session:
        load_whole(session, who, folder, pepper=pepper, base_url=base, asked=asked, now=now, say=_say)


@cli.command(name="serve")
@click.option("--port", type=int, help="Al posto di CIVIC_PORT.")
@click.option("--probe", is_flag=True, help="Controlla soltanto che la porta sia libera.")
@click.pass_obj
def serve_command(config: Config, port: int | None, probe: bool) -> None:
    """Serve il sito."""
    if port:
        moved = config.base_url == HOME_ADDRESS
        config = replace(config, port=port, base_url=f"http://127.0.0.1:{port}" if moved else config.base_url)
    listener = listen(config)
    if probe:
        listener.close()
        return
    with _ready(config) as database:
        with database.writing() as session:
            citizens.seal_pepper(session, key_of(config.keys_path, PEPPER, make=not citizens.is_sealed(session)))
        with database.reading() as session:
            logins = demo_people.present_logins(session)
    if logins and not config.demo:
        raise Refused(
            "in questa banca dati ci sono gli accessi della dimostrazione, con una password pubblica: "
            "per un sito vero usa un'altra CIVIC_DATA_DIR o CIVIC_DATABASE_URL."
        )
    identity_providers(config)  # a mistake in the file stops here, in one line
    idp = None
    if config.demo and config.identity_file is None:
        idp = listen_idp(config)
        config = replace(config, idp_port=idp.getsockname()[1])
        os.environ["NO_PROXY"] = f"127.0.0.1,{os.environ.get('NO_PROXY', '')}"  # the provider is on this machine
    serve(config, listener, idp=idp, on_ready=lambda: _greet(config, logins))


@cli.command(name="idp")
@click.option("--site", default="", help="L'indirizzo del sito (predefinito: CIVIC_BASE_URL).")
@click.pass_obj
def idp_command(config: Config, site: str) -> None:
    """Serve da solo il fornitore di identità della dimostrazione; «civic serve» in demo lo avvia già."""
    if not config.demo:
        raise Refused("il fornitore di identità di prova esiste solo con CIVIC_DEMO=1: le sue persone sono inventate.")
    listener = listen_idp(config)
    config = replace(config, idp_port=listener.getsockname()[1], base_url=site.rstrip("/") or config.base_url)
    click.echo(f"fornitore di identità di prova: {config.idp_url}, per il sito {config.base_url}")
    run_idp(config, listener)


def _greet(config: Config, logins: list[demo_people.DemoLogin]) -> None:
    click.echo(f"\ncivic è pronto: {config.base_url}\n")
    if logins:
        click.echo(f"Accessi di prova alla scrivania ({config.base_url}/desk), password «{demo_people.PASSWORD}»:")
        for login in logins:
            click.echo(f"  {login.email:<32} {login.can}")
        click.echo(f"\nPer partecipare come cittadina o cittadino di prova: {config.base_url}/accedi")
        click.echo("\nCtrl-C per fermare.")


@cli.command(name="tick")
@click.pass_obj
def tick_command(config: Config) -> None:
    """Esegue una volta i lavori programmati e recapita la posta."""
    with _ready(config) as database:
        for name, count in tick(config, database, make_mailer(config), _now()).items():
            click.echo(f"{name}: {count}")


@cli.group(name="user")
def user_group() -> None:
    """Accessi del personale."""


@user_group.command(name="add")
@click.option("--email", prompt="Posta elettronica")
@click.option("--name", prompt="Nome e cognome")
@click.option("--role", type=click.Choice(list(ROLES)), prompt="Ruolo")
@click.option("--office", default="", help="Codice dell'ufficio, per i ruoli di un ufficio.")
@click.option("--password", prompt="Password", hide_input=True, confirmation_prompt=True)
@click.pass_obj
def user_add(config: Config, email: str, name: str, role: str, office: str, password: str) -> None:
    """Aggiunge un accesso; il primo si crea così."""
    if problem := password_problem(password, email=email, name=name):
        raise Refused(problem)
    hashed = hash_password(password)
    with _ready(config) as database, database.writing() as session:
        who = system("installazione")
        account = people.add_account(session, who, email=email, name=name, role=role, office_code=office or None, now=_now())
        people.set_password(session, account, password_hash=hashed, now=_now())
    click.echo(f"Accesso creato per {email}.")


@cli.group(name="residents")
def residents_group() -> None:
    """L'elenco firmato dei residenti, per i controlli di residenza."""


@residents_group.command(name="prepare")
@click.argument("registry", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_obj
def residents_prepare(config: Config, registry: Path, out: Path) -> None:
    """Fa di un CSV (codice_fiscale, quartiere) un elenco firmato di codici: i codici fiscali non escono da qui."""
    pepper, signing_key = key_of(config.keys_path, PEPPER, make=False), key_of(config.keys_path, "residents")
    lines = list(residents.read_registry(registry, pepper=pepper))
    out.write_text(residents.make_list(lines, signing_key=signing_key, pepper=pepper), encoding="utf-8")
    click.echo(f"{len(lines)} residenti in {out}. CIVIC_RESIDENTS_KEY={residents.public_half(signing_key)}")


@residents_group.command(name="import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_obj
def residents_import(config: Config, file: Path) -> None:
    """Mette un elenco firmato al posto di quello di prima: tutto, o niente."""
    if not config.residents_key:
        raise Refused("manca CIVIC_RESIDENTS_KEY: è la metà pubblica della chiave di chi firma l'elenco.")
    pepper = key_of(config.keys_path, PEPPER, make=False)
    lines = residents.read_list(file.read_text(encoding="utf-8"), public_key=config.residents_key, pepper=pepper)
    with _ready(config) as database, database.writing() as session:
        count = residence.replace_residents(session, system("anagrafe"), lines, now=_now())
    click.echo(f"Residenti nell'elenco: {count}.")


@cli.group(name="import")
def import_group() -> None:
    """Importa dati: anteprima, poi applica."""


@import_group.command(name="programme")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--apply", "apply_it", is_flag=True, help="Scrivi davvero; senza, è solo un'anteprima.")
@click.option("--by", "by_label", default="", help="Chi dichiara gli stati (predefinito: l'ente).")
@click.pass_obj
def import_programme(config: Config, file: Path, apply_it: bool, by_label: str) -> None:
    """Importa le azioni di un programma di mandato da un CSV."""
    data = file.read_bytes()
    with _ready(config) as database:
        with database.reading() as session:
            preview = programme.preview_programme(session, data, now=_now())
            ente = ente_or_none(session)
        for p in preview.problems:
            click.echo(f"riga {p.row}, colonna {p.column}, valore «{p.value}»: {p.fix}", err=True)
        if preview.problems:
            raise Refused("%(n)s problemi: non è stato scritto nulla.", n=len(preview.problems))
        if apply_it:
            who, label = system("importazione"), by_label or (ente.name if ente else "")
            with database.writing() as session:
                programme.import_programme(session, who, data, by_label=label, now=_now())
    did = "importate" if apply_it else "anteprima"
    click.echo(f"{did}: {len(preview.new)} nuove, {len(preview.changed)} cambiate, {len(preview.unchanged)} uguali.")


@import_group.command(name="dataset")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.pass_obj
def import_dataset(config: Config, folder: Path) -> None:
    """Carica un'intera città da una cartella: tutta, o niente."""
    with _ready(config) as database, database.writing() as session:
        if ente_or_none(session) is not None:
            raise Refused("questa installazione ha già un ente: un insieme di dati si carica in una banca dati vuota.")
        dataset.load_dataset(session, system("importazione"), folder, now=_now(), say=_say)


@cli.command(name="backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_obj
def backup_command(config: Config, file: Path) -> None:
    """Copia tutta la banca dati in un file."""
    with _ready(config) as database:
        rows = backups.write_backup(database, file, now=_now())
    click.echo(f"Copiate {rows} righe in {file}.")


@cli.command(name="restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_context
def restore_command(ctx: click.Context, file: Path) -> None:
    """Rimette una copia in una banca dati vuota."""
    ctx.invoke(migrate)
    with _ready(ctx.obj) as database:
        rows = backups.restore_backup(database, file)
    click.echo(f"Rimesse {rows} righe.")


@cli.command(name="tally")
@click.pass_obj
def tally_command(config: Config) -> None:
    """Riconta le valutazioni dalle singole righe; da usare a sito fermo."""
    with _ready(config) as database, database.writing() as session:
        click.echo(f"Ricontate: {rebuild(session)} caselle.")


@cli.command(name="check")
@click.option("--heads", type=click.Path(dir_okay=False, path_type=Path), help="File delle teste tenuto fuori dalla banca dati.")
@click.pass_obj
def check_command(config: Config, heads: Path | None) -> None:
    """Controlla che nulla sia stato riscritto; esce con 1 se trova qualcosa."""
    kept: list[Any] = []
    if heads is not None:
        try:
            kept = journal_jobs.read_heads_file(heads)
        except (OSError, ValueError) as error:
            raise Refused("il file %(path)s non si legge come elenco di teste.", path=str(heads)) from error
    with _ready(config) as database, database.reading() as session:
        faults = [f.message for f in journal.chain_faults(session, kept_heads=kept)]
        faults += programme_faults(session)
        links = journal.chain_length(session)
    for fault in faults:
        click.echo(f"trovato: {fault}", err=True)
    if faults:
        sys.exit(1)
    against = (
        f", {len(kept)} {'testa pubblicata' if len(kept) == 1 else 'teste pubblicate'}"
        if kept
        else " (senza teste esterne una coda tagliata non si vede)"
    )
    click.echo(f"In ordine: {links} anelli{against}.")

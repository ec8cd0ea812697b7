"""Terms and promised days, near copies, handings to a provider."""

from datetime import UTC, date, datetime

import sqlalchemy as sa
from alembic import op

from civic.city.rules import holidays_of
from civic.contributions.rules import Pause, due_on, working_days_between
from civic.kernel.clock import civil_day

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "contribution_term",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("office_code", sa.String(length=60), nullable=True),
        sa.Column("severity", sa.String(length=10), nullable=False),
        sa.Column("triage_days", sa.Integer(), nullable=False),
        sa.Column("reply_days", sa.Integer(), nullable=False),
        sa.CheckConstraint("triage_days >= 1 AND triage_days <= reply_days", name=op.f("ck_contribution_term_days_in_order")),
        sa.ForeignKeyConstraint(["office_code"], ["city_office.code"], name=op.f("fk_contribution_term_office_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contribution_term")),
        sa.UniqueConstraint("office_code", "severity", name=op.f("uq_contribution_term_office_code_severity")),
    )
    with op.batch_alter_table("contribution_term", schema=None) as batch_op:
        batch_op.create_index(
            "uq_contribution_term_ente",
            ["severity"],
            unique=True,
            sqlite_where=sa.text("office_code IS NULL"),
            postgresql_where=sa.text("office_code IS NULL"),
        )

    op.create_table(
        "contribution_handing",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("voice_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("provider_code", sa.String(length=60), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("wanted_by", sa.Date(), nullable=True),
        sa.Column("handed_by", sa.String(length=200), nullable=False),
        sa.Column("handed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("returned_by", sa.String(length=200), nullable=False),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(returned_at IS NULL) = (returned_by = '')", name=op.f("ck_contribution_handing_returned_by_somebody")
        ),
        sa.ForeignKeyConstraint(["provider_code"], ["city_provider.code"], name=op.f("fk_contribution_handing_provider_code")),
        sa.ForeignKeyConstraint(
            ["voice_id"], ["contribution.id"], name=op.f("fk_contribution_handing_voice_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contribution_handing")),
    )
    with op.batch_alter_table("contribution_handing", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_contribution_handing_provider_code_returned_at"), ["provider_code", "returned_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_contribution_handing_voice_id"), ["voice_id"], unique=False)
        batch_op.create_index(
            "uq_contribution_handing_one_open",
            ["voice_id"],
            unique=True,
            sqlite_where=sa.text("returned_at IS NULL"),
            postgresql_where=sa.text("returned_at IS NULL"),
        )

    with op.batch_alter_table("contribution", schema=None) as batch_op:
        batch_op.add_column(sa.Column("triage_due_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("reply_term_days", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("reply_due_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("replied_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("replied_after_days", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("group_id", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("likeness", sa.String(length=512), nullable=True))

    write_days()

    with op.batch_alter_table("contribution", schema=None) as batch_op:
        batch_op.alter_column("triage_due_on", existing_type=sa.Date(), nullable=False)
        batch_op.alter_column("reply_term_days", existing_type=sa.Integer(), nullable=False)
        batch_op.alter_column("likeness", existing_type=sa.String(length=512), nullable=False)
        batch_op.create_check_constraint(
            batch_op.f("ck_contribution_replied_on_a_day"), "(replied_at IS NULL) = (replied_on IS NULL)"
        )
        batch_op.drop_index(batch_op.f("ix_contribution_service_code"))
        batch_op.create_index(batch_op.f("ix_contribution_group_id_office_code"), ["group_id", "office_code"], unique=False)
        batch_op.create_index(batch_op.f("ix_contribution_office_code_received_on"), ["office_code", "received_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_contribution_origin_received_on_replied_at"), ["origin", "received_on", "replied_at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_contribution_quartiere_code_received_on_replied_at"), ["quartiere_code", "received_on", "replied_at"], unique=False
        )
        batch_op.create_index(
            "ix_contribution_figures",
            [
                "received_on",
                "office_code",
                "service_code",
                "quartiere_code",
                "theme_code",
                "consultation_code",
                "replied_on",
                "reply_due_on",
                "replied_after_days",
            ],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_contribution_replied_at_reply_due_on"), ["replied_at", "reply_due_on"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_contribution_service_code_received_on_replied_at"), ["service_code", "received_on", "replied_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_contribution_severity_received_on_replied_at"), ["severity", "received_on", "replied_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_contribution_theme_code_received_on_replied_at"), ["theme_code", "received_on", "replied_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_contribution_triaged_on_received_on"), ["triaged_on", "received_on"], unique=False)

    tie("CASCADE")

    with op.batch_alter_table("contribution_reply_template", schema=None) as batch_op:
        batch_op.alter_column("office_code", existing_type=sa.VARCHAR(length=60), nullable=True)
        batch_op.create_index(
            "uq_contribution_reply_template_ente",
            ["title"],
            unique=True,
            sqlite_where=sa.text("office_code IS NULL"),
            postgresql_where=sa.text("office_code IS NULL"),
        )


# The terms that held for every office until this level: working days to read and to answer.
TERMS = {"normal": (3, 15), "high": (1, 5)}
HANGING = (
    "commitment_contribution",
    "contribution_check",
    "contribution_hiding",
    "contribution_part",
    "contribution_pause",
    "contribution_reply",
)
voices = sa.table(
    "contribution",
    sa.column("id", sa.Integer),
    sa.column("severity", sa.String),
    sa.column("received_on", sa.Date),
    sa.column("replied_at", sa.DateTime(timezone=True)),
    sa.column("triage_due_on", sa.Date),
    sa.column("reply_term_days", sa.Integer),
    sa.column("reply_due_on", sa.Date),
    sa.column("replied_on", sa.Date),
    sa.column("replied_after_days", sa.Integer),
    sa.column("likeness", sa.String),
)
pauses = sa.table(
    "contribution_pause", sa.column("voice_id", sa.Integer), sa.column("since", sa.Date), sa.column("until", sa.Date)
)
holidays = sa.table(
    "city_holiday", sa.column("month", sa.Integer), sa.column("day", sa.Integer), sa.column("every", sa.Integer)
)


def write_days() -> None:
    """Write on the voices that are there the days that their pages told; copies among them are not looked for."""
    connection = op.get_bind()
    local = [(*row, "") for row in connection.execute(sa.select(holidays.c.month, holidays.c.day, holidays.c.every))]
    closed: dict[int, frozenset[date]] = {}

    def is_holiday(day: date) -> bool:
        if day.year not in closed:
            closed[day.year] = frozenset(h.day for h in holidays_of(day.year, local))
        return day in closed[day.year]

    stood: dict[int, list[Pause]] = {}
    for voice_id, since, until in connection.execute(sa.select(pauses.c.voice_id, pauses.c.since, pauses.c.until)):
        stood.setdefault(voice_id, []).append(Pause(since, until))
    rows = connection.execute(sa.select(voices.c.id, voices.c.severity, voices.c.received_on, voices.c.replied_at)).all()
    for number, severity, received, replied_at in rows:
        triage, reply = TERMS[severity]
        replied = civil_day(as_utc(replied_at)) if replied_at else None
        told = {
            "triage_due_on": due_on(received, triage, (), is_holiday),
            "reply_term_days": reply,
            "reply_due_on": due_on(received, reply, stood.get(number, ()), is_holiday),
            "replied_on": replied,
            "replied_after_days": working_days_between(received, replied, is_holiday) if replied else None,
            "likeness": "",
        }
        connection.execute(sa.update(voices).where(voices.c.id == number).values(**told))


def tie(ondelete: str | None) -> None:
    """Say what becomes of what hangs on a voice when the voice goes: with CASCADE it goes too, with None it holds the voice."""
    for table in HANGING:
        with op.batch_alter_table(table, schema=None) as batch_op:
            name = batch_op.f(f"fk_{table}_voice_id")
            batch_op.drop_constraint(name, type_="foreignkey")
            batch_op.create_foreign_key(name, "contribution", ["voice_id"], ["id"], ondelete=ondelete)


def as_utc(value: datetime) -> datetime:
    """SQLite gives back an instant without its zone, which is UTC."""
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value


def downgrade() -> None:
    tie(None)
    # What is for everyone belongs to no office, and below this level nothing can.
    op.execute(sa.text("DELETE FROM contribution_reply_template WHERE office_code IS NULL"))
    with op.batch_alter_table("contribution_reply_template", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_contribution_reply_template_ente",
            sqlite_where=sa.text("office_code IS NULL"),
            postgresql_where=sa.text("office_code IS NULL"),
        )
        batch_op.alter_column("office_code", existing_type=sa.VARCHAR(length=60), nullable=False)

    with op.batch_alter_table("contribution", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_contribution_replied_on_a_day"), type_="check")
        batch_op.drop_index(batch_op.f("ix_contribution_triaged_on_received_on"))
        batch_op.drop_index(batch_op.f("ix_contribution_theme_code_received_on_replied_at"))
        batch_op.drop_index(batch_op.f("ix_contribution_severity_received_on_replied_at"))
        batch_op.drop_index(batch_op.f("ix_contribution_service_code_received_on_replied_at"))
        batch_op.drop_index(batch_op.f("ix_contribution_replied_at_reply_due_on"))
        batch_op.drop_index("ix_contribution_figures")
        batch_op.drop_index(batch_op.f("ix_contribution_quartiere_code_received_on_replied_at"))
        batch_op.drop_index(batch_op.f("ix_contribution_origin_received_on_replied_at"))
        batch_op.drop_index(batch_op.f("ix_contribution_office_code_received_on"))
        batch_op.drop_index(batch_op.f("ix_contribution_group_id_office_code"))
        batch_op.create_index(batch_op.f("ix_contribution_service_code"), ["service_code"], unique=False)
        batch_op.drop_column("likeness")
        batch_op.drop_column("group_id")
        batch_op.drop_column("replied_after_days")
        batch_op.drop_column("replied_on")
        batch_op.drop_column("reply_due_on")
        batch_op.drop_column("reply_term_days")
        batch_op.drop_column("triage_due_on")

    with op.batch_alter_table("contribution_handing", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_contribution_handing_one_open",
            sqlite_where=sa.text("returned_at IS NULL"),
            postgresql_where=sa.text("returned_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_contribution_handing_voice_id"))
        batch_op.drop_index(batch_op.f("ix_contribution_handing_provider_code_returned_at"))

    op.drop_table("contribution_handing")
    with op.batch_alter_table("contribution_term", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_contribution_term_ente",
            sqlite_where=sa.text("office_code IS NULL"),
            postgresql_where=sa.text("office_code IS NULL"),
        )

    op.drop_table("contribution_term")

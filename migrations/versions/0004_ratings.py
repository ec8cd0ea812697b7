"""Ratings of services and pages, their tallies, and what stands beside them."""

import sqlalchemy as sa
from alembic import op


revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rating_answer_tally",
        sa.Column("instrument", sa.String(length=20), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.CheckConstraint("n >= 0", name=op.f("ck_rating_answer_tally_not_negative")),
        sa.PrimaryKeyConstraint("instrument", "subject", "month", "code", "score", name=op.f("pk_rating_answer_tally")),
    )
    op.create_table(
        "rating_employee",
        sa.Column("subject_key", sa.String(length=64), nullable=False),
        sa.Column("employer", sa.String(length=60), nullable=False),
        sa.PrimaryKeyConstraint("subject_key", "employer", name=op.f("pk_rating_employee")),
    )
    with op.batch_alter_table("rating_employee", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rating_employee_employer"), ["employer"], unique=False)

    op.create_table(
        "rating_tally",
        sa.Column("instrument", sa.String(length=20), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("quartiere", sa.String(length=60), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("trust", sa.String(length=10), nullable=False),
        sa.Column("standing", sa.String(length=10), nullable=False),
        sa.Column("stars", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.CheckConstraint("n >= 0", name=op.f("ck_rating_tally_not_negative")),
        sa.CheckConstraint("stars BETWEEN 1 AND 5", name=op.f("ck_rating_tally_one_to_five")),
        sa.PrimaryKeyConstraint(
            "instrument", "subject", "month", "quartiere", "channel", "trust", "standing", "stars", name=op.f("pk_rating_tally")
        ),
    )
    with op.batch_alter_table("rating_tally", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rating_tally_instrument_month"), ["instrument", "month"], unique=False)

    op.create_table(
        "quality_outside_result",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("service_code", sa.String(length=60), nullable=False),
        sa.Column("provider_code", sa.String(length=60), nullable=True),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("dimension", sa.String(length=200), nullable=False),
        sa.Column("value", sa.String(length=20), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("n", sa.Integer(), nullable=True),
        sa.Column("method", sa.String(length=200), nullable=False),
        sa.Column("population", sa.String(length=200), nullable=False),
        sa.Column("source_url", sa.Text(), nullable=False),
        sa.Column("added_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["provider_code"], ["city_provider.code"], name=op.f("fk_quality_outside_result_provider_code")),
        sa.ForeignKeyConstraint(["service_code"], ["city_service.code"], name=op.f("fk_quality_outside_result_service_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quality_outside_result")),
    )
    with op.batch_alter_table("quality_outside_result", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_quality_outside_result_service_code_year"), ["service_code", "year"], unique=False)

    op.create_table(
        "quality_standard",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("service_code", sa.String(length=60), nullable=False),
        sa.Column("label_it", sa.String(length=200), nullable=False),
        sa.Column("label_en", sa.String(length=200), nullable=False),
        sa.Column("promised", sa.Numeric(precision=14, scale=4), nullable=False),
        sa.Column("unit", sa.String(length=60), nullable=False),
        sa.Column("sense", sa.String(length=10), nullable=False),
        sa.Column("source_url", sa.String(length=400), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["service_code"], ["city_service.code"], name=op.f("fk_quality_standard_service_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quality_standard")),
    )
    with op.batch_alter_table("quality_standard", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_quality_standard_service_code"), ["service_code"], unique=False)

    op.create_table(
        "rating_contacts",
        sa.Column("service_code", sa.String(length=60), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.CheckConstraint("n >= 1", name=op.f("ck_rating_contacts_some_contacts")),
        sa.ForeignKeyConstraint(["service_code"], ["city_service.code"], name=op.f("fk_rating_contacts_service_code")),
        sa.PrimaryKeyConstraint("service_code", "month", name=op.f("pk_rating_contacts")),
    )
    op.create_table(
        "rating_point",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("service_code", sa.String(length=60), nullable=False),
        sa.Column("place", sa.String(length=160), nullable=False),
        sa.Column("quartiere_code", sa.String(length=60), nullable=True),
        sa.Column("is_kiosk", sa.Boolean(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("pressed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["quartiere_code"], ["city_quartiere.code"], name=op.f("fk_rating_point_quartiere_code")),
        sa.ForeignKeyConstraint(["service_code"], ["city_service.code"], name=op.f("fk_rating_point_service_code")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_rating_point")),
    )
    with op.batch_alter_table("rating_point", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rating_point_service_code"), ["service_code"], unique=False)

    op.create_table(
        "rating_ticket",
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("service_code", sa.String(length=60), nullable=False),
        sa.Column("quartiere_code", sa.String(length=60), nullable=True),
        sa.Column("by_mail", sa.Boolean(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("spent_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["quartiere_code"], ["city_quartiere.code"], name=op.f("fk_rating_ticket_quartiere_code")),
        sa.ForeignKeyConstraint(["service_code"], ["city_service.code"], name=op.f("fk_rating_ticket_service_code")),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_rating_ticket")),
    )
    with op.batch_alter_table("rating_ticket", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rating_ticket_service_code_issued_on"), ["service_code", "issued_on"], unique=False)

    op.create_table(
        "rating_window",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("service_code", sa.String(length=60), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("hour_band", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("usual", sa.Float(), nullable=False),
        sa.Column("p_volume", sa.Float(), nullable=False),
        sa.Column("p_mix", sa.Float(), nullable=False),
        sa.Column("flagged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_verdict", sa.String(length=10), nullable=True),
        sa.Column("first_ref", sa.String(length=40), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("verdict", sa.String(length=10), nullable=True),
        sa.Column("second_ref", sa.String(length=40), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("public_note", sa.String(length=400), nullable=False),
        sa.CheckConstraint("second_ref = '' OR second_ref <> first_ref", name=op.f("ck_rating_window_two_people")),
        sa.CheckConstraint("(first_verdict IS NULL) = (first_at IS NULL)", name=op.f("ck_rating_window_proposed_with_a_verdict")),
        sa.CheckConstraint("(verdict IS NULL) = (decided_at IS NULL)", name=op.f("ck_rating_window_decided_with_a_verdict")),
        sa.ForeignKeyConstraint(["service_code"], ["city_service.code"], name=op.f("fk_rating_window_service_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rating_window")),
        sa.UniqueConstraint("service_code", "day", "hour_band", name=op.f("uq_rating_window_service_code_day_hour_band")),
    )
    with op.batch_alter_table("rating_window", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rating_window_decided_at_day"), ["decided_at", "day"], unique=False)

    op.create_table(
        "quality_standard_measure",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("standard_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("value", sa.Numeric(precision=14, scale=4), nullable=False),
        sa.Column("n", sa.Integer(), nullable=True),
        sa.Column("method", sa.String(length=300), nullable=False),
        sa.Column("told_on", sa.Date(), nullable=False),
        sa.Column("corrects_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("period_start <= period_end", name=op.f("ck_quality_standard_measure_days_in_order")),
        sa.ForeignKeyConstraint(
            ["corrects_id"], ["quality_standard_measure.id"], name=op.f("fk_quality_standard_measure_corrects_id")
        ),
        sa.ForeignKeyConstraint(["standard_id"], ["quality_standard.id"], name=op.f("fk_quality_standard_measure_standard_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quality_standard_measure")),
    )
    with op.batch_alter_table("quality_standard_measure", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_quality_standard_measure_standard_id_period_end"), ["standard_id", "period_end"], unique=False
        )

    op.create_table(
        "rating",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("form_key", sa.String(length=64), nullable=False),
        sa.Column("edit_hash", sa.String(length=64), nullable=True),
        sa.Column("instrument", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("service_code", sa.String(length=60), nullable=True),
        sa.Column("page", sa.String(length=200), nullable=False),
        sa.Column("stars", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("trust", sa.String(length=10), nullable=False),
        sa.Column("standing", sa.String(length=10), nullable=False),
        sa.Column("point_code", sa.String(length=20), nullable=True),
        sa.Column("quartiere_code", sa.String(length=60), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("hour_band", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.CheckConstraint("(service_code IS NULL) = (instrument <> 'service')", name=op.f("ck_rating_service_or_page")),
        sa.CheckConstraint("hour_band BETWEEN 0 AND 3", name=op.f("ck_rating_quarter_of_a_day")),
        sa.CheckConstraint("stars BETWEEN 1 AND 5", name=op.f("ck_rating_one_to_five")),
        sa.ForeignKeyConstraint(["point_code"], ["rating_point.code"], name=op.f("fk_rating_point_code")),
        sa.ForeignKeyConstraint(["quartiere_code"], ["city_quartiere.code"], name=op.f("fk_rating_quartiere_code")),
        sa.ForeignKeyConstraint(["service_code"], ["city_service.code"], name=op.f("fk_rating_service_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rating")),
        sa.UniqueConstraint("edit_hash", name=op.f("uq_rating_edit_hash")),
        sa.UniqueConstraint("form_key", name=op.f("uq_rating_form_key")),
    )
    with op.batch_alter_table("rating", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rating_instrument_on_day"), ["instrument", "on_day"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_rating_service_code_on_day_hour_band_stars_channel"),
            ["service_code", "on_day", "hour_band", "stars", "channel"],
            unique=False,
        )

    op.create_table(
        "rating_answer",
        sa.Column("rating_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.CheckConstraint("score BETWEEN 0 AND 5", name=op.f("ck_rating_answer_score_or_none")),
        sa.ForeignKeyConstraint(["rating_id"], ["rating.id"], name=op.f("fk_rating_answer_rating_id")),
        sa.PrimaryKeyConstraint("rating_id", "code", name=op.f("pk_rating_answer")),
    )
    op.create_table(
        "rating_turn",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("rating_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("rated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["rating_id"], ["rating.id"], name=op.f("fk_rating_turn_rating_id")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_rating_turn")),
    )
    with op.batch_alter_table("rating_turn", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rating_turn_rated_at"), ["rated_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("rating_turn", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_rating_turn_rated_at"))

    op.drop_table("rating_turn")
    op.drop_table("rating_answer")
    with op.batch_alter_table("rating", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_rating_service_code_on_day_hour_band_stars_channel"))
        batch_op.drop_index(batch_op.f("ix_rating_instrument_on_day"))

    op.drop_table("rating")
    with op.batch_alter_table("quality_standard_measure", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_quality_standard_measure_standard_id_period_end"))

    op.drop_table("quality_standard_measure")
    with op.batch_alter_table("rating_window", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_rating_window_decided_at_day"))

    op.drop_table("rating_window")
    with op.batch_alter_table("rating_ticket", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_rating_ticket_service_code_issued_on"))

    op.drop_table("rating_ticket")
    with op.batch_alter_table("rating_point", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_rating_point_service_code"))

    op.drop_table("rating_point")
    op.drop_table("rating_contacts")
    with op.batch_alter_table("quality_standard", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_quality_standard_service_code"))

    op.drop_table("quality_standard")
    with op.batch_alter_table("quality_outside_result", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_quality_outside_result_service_code_year"))

    op.drop_table("quality_outside_result")
    op.drop_table("rating_tally")
    with op.batch_alter_table("rating_employee", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_rating_employee_employer"))

    op.drop_table("rating_employee")
    op.drop_table("rating_answer_tally")

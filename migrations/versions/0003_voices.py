"""Voices: what was said, what was decided and promised; consultations and themes."""

import sqlalchemy as sa
from alembic import op


revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "contribution_theme",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("label_it", sa.String(length=120), nullable=False),
        sa.Column("label_en", sa.String(length=120), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_contribution_theme")),
    )
    op.create_table(
        "consultation",
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("title_it", sa.String(length=200), nullable=False),
        sa.Column("title_en", sa.String(length=200), nullable=False),
        sa.Column("question_it", sa.Text(), nullable=False),
        sa.Column("question_en", sa.Text(), nullable=False),
        sa.Column("office_code", sa.String(length=60), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("outcome_it", sa.Text(), nullable=False),
        sa.Column("outcome_en", sa.Text(), nullable=False),
        sa.Column("outcome_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(outcome_it = '') = (outcome_on IS NULL)", name=op.f("ck_consultation_outcome_on_a_day")),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_consultation_days_in_order")),
        sa.ForeignKeyConstraint(["office_code"], ["city_office.code"], name=op.f("fk_consultation_office_code")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_consultation")),
    )
    with op.batch_alter_table("consultation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_consultation_starts_on"), ["starts_on"], unique=False)

    op.create_table(
        "contribution_reply_template",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("office_code", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["office_code"], ["city_office.code"], name=op.f("fk_contribution_reply_template_office_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contribution_reply_template")),
        sa.UniqueConstraint("office_code", "title", name=op.f("uq_contribution_reply_template_office_code_title")),
    )
    op.create_table(
        "commitment",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("office_code", sa.String(length=60), nullable=False),
        sa.Column("service_code", sa.String(length=60), nullable=True),
        sa.Column("action_code", sa.String(length=40), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("change_it", sa.Text(), nullable=False),
        sa.Column("evidence_url", sa.String(length=300), nullable=False),
        sa.Column("dropped_reason", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state <> 'done' OR (done_on IS NOT NULL AND change_it <> '')", name=op.f("ck_commitment_done_says_what_changed")
        ),
        sa.CheckConstraint("state <> 'dropped' OR dropped_reason <> ''", name=op.f("ck_commitment_dropped_says_why")),
        sa.ForeignKeyConstraint(["office_code"], ["city_office.code"], name=op.f("fk_commitment_office_code")),
        sa.ForeignKeyConstraint(["service_code"], ["city_service.code"], name=op.f("fk_commitment_service_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commitment")),
        sa.UniqueConstraint("code", name=op.f("uq_commitment_code")),
    )
    with op.batch_alter_table("commitment", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_commitment_office_code_state_due_on"), ["office_code", "state", "due_on"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_commitment_state_done_on"), ["state", "done_on"], unique=False)

    op.create_table(
        "consultation_phase",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("consultation_code", sa.String(length=60), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title_it", sa.String(length=200), nullable=False),
        sa.Column("title_en", sa.String(length=200), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_consultation_phase_days_in_order")),
        sa.ForeignKeyConstraint(
            ["consultation_code"], ["consultation.code"], name=op.f("fk_consultation_phase_consultation_code")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consultation_phase")),
        sa.UniqueConstraint("consultation_code", "number", name=op.f("uq_consultation_phase_consultation_code_number")),
    )
    op.create_table(
        "contribution",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("form_key", sa.String(length=64), nullable=False),
        sa.Column("origin", sa.String(length=12), nullable=False),
        sa.Column("origin_ref", sa.String(length=60), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("consultation_code", sa.String(length=60), nullable=True),
        sa.Column("service_code", sa.String(length=60), nullable=True),
        sa.Column("quartiere_code", sa.String(length=60), nullable=True),
        sa.Column("author_ref", sa.String(length=40), nullable=False),
        sa.Column("body_code", sa.String(length=60), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("title", sa.String(length=160), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("public_text", sa.Text(), nullable=False),
        sa.Column("wants_public", sa.Boolean(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("triaged_on", sa.Date(), nullable=True),
        sa.Column("office_code", sa.String(length=60), nullable=True),
        sa.Column("severity", sa.String(length=10), nullable=False),
        sa.Column("theme_code", sa.String(length=40), nullable=True),
        sa.Column("replied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("overdue_told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["consultation_code"], ["consultation.code"], name=op.f("fk_contribution_consultation_code")),
        sa.ForeignKeyConstraint(["office_code"], ["city_office.code"], name=op.f("fk_contribution_office_code")),
        sa.ForeignKeyConstraint(["quartiere_code"], ["city_quartiere.code"], name=op.f("fk_contribution_quartiere_code")),
        sa.ForeignKeyConstraint(["service_code"], ["city_service.code"], name=op.f("fk_contribution_service_code")),
        sa.ForeignKeyConstraint(["theme_code"], ["contribution_theme.code"], name=op.f("fk_contribution_theme_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contribution")),
        sa.UniqueConstraint("code", name=op.f("uq_contribution_code")),
        sa.UniqueConstraint("form_key", name=op.f("uq_contribution_form_key")),
    )
    with op.batch_alter_table("contribution", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contribution_author_ref"), ["author_ref"], unique=False)
        batch_op.create_index(batch_op.f("ix_contribution_consultation_code"), ["consultation_code"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_contribution_office_code_replied_at_received_on"),
            ["office_code", "replied_at", "received_on"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_contribution_replied_at_received_on"), ["replied_at", "received_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_contribution_service_code"), ["service_code"], unique=False)

    op.create_table(
        "commitment_contribution",
        sa.Column("commitment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("voice_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["commitment_id"], ["commitment.id"], name=op.f("fk_commitment_contribution_commitment_id")),
        sa.ForeignKeyConstraint(["voice_id"], ["contribution.id"], name=op.f("fk_commitment_contribution_voice_id")),
        sa.PrimaryKeyConstraint("commitment_id", "voice_id", name=op.f("pk_commitment_contribution")),
    )
    op.create_table(
        "contribution_check",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("voice_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("commitment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verdict", sa.String(length=10), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(answered_at IS NULL) = (verdict IS NULL)", name=op.f("ck_contribution_check_answered_with_a_verdict")
        ),
        sa.ForeignKeyConstraint(["commitment_id"], ["commitment.id"], name=op.f("fk_contribution_check_commitment_id")),
        sa.ForeignKeyConstraint(["voice_id"], ["contribution.id"], name=op.f("fk_contribution_check_voice_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_contribution_check")),
        sa.UniqueConstraint("voice_id", "commitment_id", name=op.f("uq_contribution_check_voice_id_commitment_id")),
    )
    op.create_table(
        "contribution_hiding",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("voice_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("office_code", sa.String(length=60), nullable=True),
        sa.Column("asked_by_ref", sa.String(length=40), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("granted", sa.Boolean(), nullable=True),
        sa.Column("decided_by_ref", sa.String(length=40), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "decided_by_ref <> asked_by_ref OR decided_by_ref = ''", name=op.f("ck_contribution_hiding_two_persons")
        ),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (granted IS NULL)", name=op.f("ck_contribution_hiding_decided_with_an_outcome")
        ),
        sa.ForeignKeyConstraint(["office_code"], ["city_office.code"], name=op.f("fk_contribution_hiding_office_code")),
        sa.ForeignKeyConstraint(["voice_id"], ["contribution.id"], name=op.f("fk_contribution_hiding_voice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contribution_hiding")),
    )
    with op.batch_alter_table("contribution_hiding", schema=None) as batch_op:
        batch_op.create_index(
            "uq_contribution_hiding_one_open",
            ["voice_id"],
            unique=True,
            sqlite_where=sa.text("decided_at IS NULL"),
            postgresql_where=sa.text("decided_at IS NULL"),
        )

    op.create_table(
        "contribution_part",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("voice_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("summary", sa.String(length=300), nullable=False),
        sa.Column("technical_note", sa.Text(), nullable=False),
        sa.Column("technical_by", sa.String(length=200), nullable=False),
        sa.Column("technical_on", sa.Date(), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.Column("reason_code", sa.String(length=20), nullable=True),
        sa.Column("public_reason", sa.Text(), nullable=False),
        sa.Column("forwarded_to", sa.String(length=200), nullable=False),
        sa.Column("decided_by", sa.String(length=200), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("action_code", sa.String(length=40), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(outcome IS NULL) = (decided_on IS NULL)", name=op.f("ck_contribution_part_decided_on_a_day")),
        sa.ForeignKeyConstraint(["voice_id"], ["contribution.id"], name=op.f("fk_contribution_part_voice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contribution_part")),
        sa.UniqueConstraint("voice_id", "number", name=op.f("uq_contribution_part_voice_id_number")),
    )
    op.create_table(
        "contribution_pause",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("voice_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.CheckConstraint("until IS NULL OR until >= since", name=op.f("ck_contribution_pause_days_in_order")),
        sa.ForeignKeyConstraint(["voice_id"], ["contribution.id"], name=op.f("fk_contribution_pause_voice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contribution_pause")),
    )
    with op.batch_alter_table("contribution_pause", schema=None) as batch_op:
        batch_op.create_index(
            "uq_contribution_pause_one_open",
            ["voice_id"],
            unique=True,
            sqlite_where=sa.text("until IS NULL"),
            postgresql_where=sa.text("until IS NULL"),
        )

    op.create_table(
        "contribution_reply",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("voice_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("by_label", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["voice_id"], ["contribution.id"], name=op.f("fk_contribution_reply_voice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contribution_reply")),
    )
    with op.batch_alter_table("contribution_reply", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contribution_reply_voice_id"), ["voice_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("contribution_reply", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contribution_reply_voice_id"))

    op.drop_table("contribution_reply")
    with op.batch_alter_table("contribution_pause", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_contribution_pause_one_open", sqlite_where=sa.text("until IS NULL"), postgresql_where=sa.text("until IS NULL")
        )

    op.drop_table("contribution_pause")
    op.drop_table("contribution_part")
    with op.batch_alter_table("contribution_hiding", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_contribution_hiding_one_open",
            sqlite_where=sa.text("decided_at IS NULL"),
            postgresql_where=sa.text("decided_at IS NULL"),
        )

    op.drop_table("contribution_hiding")
    op.drop_table("contribution_check")
    op.drop_table("commitment_contribution")
    with op.batch_alter_table("contribution", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contribution_service_code"))
        batch_op.drop_index(batch_op.f("ix_contribution_replied_at_received_on"))
        batch_op.drop_index(batch_op.f("ix_contribution_office_code_replied_at_received_on"))
        batch_op.drop_index(batch_op.f("ix_contribution_consultation_code"))
        batch_op.drop_index(batch_op.f("ix_contribution_author_ref"))

    op.drop_table("contribution")
    op.drop_table("consultation_phase")
    with op.batch_alter_table("commitment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_commitment_state_done_on"))
        batch_op.drop_index(batch_op.f("ix_commitment_office_code_state_due_on"))

    op.drop_table("commitment")
    op.drop_table("contribution_reply_template")
    with op.batch_alter_table("consultation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_consultation_starts_on"))

    op.drop_table("consultation")
    op.drop_table("contribution_theme")

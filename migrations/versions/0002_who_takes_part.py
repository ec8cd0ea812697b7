"""Who takes part: citizens, their sessions and ties, associations, the counter, and caps on mail."""

import sqlalchemy as sa
from alembic import op


revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "outbox_allowance",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("network", sa.String(length=50), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("per_hour", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.CheckConstraint(
            "network <> '' OR (starts_at IS NOT NULL AND ends_at IS NOT NULL)",
            name=op.f("ck_outbox_allowance_everywhere_has_window"),
        ),
        sa.CheckConstraint("per_hour >= 1", name=op.f("ck_outbox_allowance_per_hour_from_one")),
        sa.CheckConstraint(
            "starts_at IS NULL OR ends_at IS NULL OR starts_at < ends_at", name=op.f("ck_outbox_allowance_window_in_order")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_allowance")),
    )
    op.create_table(
        "outbox_breaker_trip",
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("hour", name=op.f("pk_outbox_breaker_trip")),
    )
    op.create_table(
        "outbox_capped_mail",
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cap", sa.String(length=20), nullable=False),
        sa.Column("shard", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount >= 1", name=op.f("ck_outbox_capped_mail_amount_from_one")),
        sa.PrimaryKeyConstraint("since", "cap", "shard", name=op.f("pk_outbox_capped_mail")),
    )
    op.create_table(
        "outbox_meter",
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_outbox_meter")),
    )
    with op.batch_alter_table("outbox_meter", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_outbox_meter_last_at"), ["last_at"], unique=False)

    op.create_table(
        "outbox_metered_mail",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_metered_mail")),
    )
    with op.batch_alter_table("outbox_metered_mail", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_outbox_metered_mail_first_at"), ["first", "at"], unique=False)
        batch_op.create_index(batch_op.f("ix_outbox_metered_mail_subject_at"), ["subject", "at"], unique=False)

    op.create_table(
        "outbox_stop_link",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("address_key", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_outbox_stop_link")),
    )
    with op.batch_alter_table("outbox_stop_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_outbox_stop_link_address_key"), ["address_key"], unique=False)
        batch_op.create_index(batch_op.f("ix_outbox_stop_link_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "outbox_suppressed",
        sa.Column("address_key", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=10), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("address_key", name=op.f("pk_outbox_suppressed")),
    )
    op.create_table(
        "people_citizen",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ref", sa.String(length=40), nullable=False),
        sa.Column("subject_key", sa.String(length=64), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("email_confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("over_14", sa.Boolean(), nullable=True),
        sa.Column("over_14_source", sa.String(length=10), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(email IS NULL) = (email_confirmed_at IS NULL)", name=op.f("ck_people_citizen_only_confirmed_addresses")
        ),
        sa.CheckConstraint("subject_key IS NOT NULL OR email IS NOT NULL", name=op.f("ck_people_citizen_known_by_something")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people_citizen")),
        sa.UniqueConstraint("email", name=op.f("uq_people_citizen_email")),
        sa.UniqueConstraint("ref", name=op.f("uq_people_citizen_ref")),
        sa.UniqueConstraint("subject_key", name=op.f("uq_people_citizen_subject_key")),
    )
    with op.batch_alter_table("people_citizen", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_people_citizen_last_seen_at"), ["last_seen_at"], unique=False)

    op.create_table(
        "people_pepper_seal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_people_pepper_seal_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people_pepper_seal")),
    )
    op.create_table(
        "people_batch",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column("quartiere_code", sa.String(length=60), nullable=True),
        sa.Column("operator_ref", sa.String(length=40), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["quartiere_code"], ["city_quartiere.code"], name=op.f("fk_people_batch_quartiere_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people_batch")),
        sa.UniqueConstraint("code", name=op.f("uq_people_batch_code")),
    )
    with op.batch_alter_table("people_batch", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_people_batch_operator_ref_opened_at"), ["operator_ref", "opened_at"], unique=False)

    op.create_table(
        "people_body",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("form_key", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("fiscal_code", sa.String(length=11), nullable=False),
        sa.Column("register_number", sa.String(length=40), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("seat", sa.String(length=200), nullable=False),
        sa.Column("quartiere_code", sa.String(length=60), nullable=True),
        sa.Column("website", sa.String(length=300), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.String(length=120), nullable=False),
        sa.CheckConstraint("(state = 'asked') = (decided_at IS NULL)", name=op.f("ck_people_body_decided_when_not_asked")),
        sa.ForeignKeyConstraint(["quartiere_code"], ["city_quartiere.code"], name=op.f("fk_people_body_quartiere_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people_body")),
        sa.UniqueConstraint("code", name=op.f("uq_people_body_code")),
        sa.UniqueConstraint("form_key", name=op.f("uq_people_body_form_key")),
    )
    with op.batch_alter_table("people_body", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_people_body_state_name"), ["state", "name"], unique=False)
        batch_op.create_index(
            "uq_people_body_registered_once",
            ["fiscal_code"],
            unique=True,
            sqlite_where=sa.text("state IN ('asked', 'verified')"),
            postgresql_where=sa.text("state IN ('asked', 'verified')"),
        )

    op.create_table(
        "people_bond",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("citizen_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("quartiere_code", sa.String(length=60), nullable=False),
        sa.Column("checked", sa.String(length=10), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["citizen_id"], ["people_citizen.id"], name=op.f("fk_people_bond_citizen_id")),
        sa.ForeignKeyConstraint(["quartiere_code"], ["city_quartiere.code"], name=op.f("fk_people_bond_quartiere_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people_bond")),
        sa.UniqueConstraint("citizen_id", "kind", "quartiere_code", name=op.f("uq_people_bond_citizen_id_kind_quartiere_code")),
    )
    with op.batch_alter_table("people_bond", schema=None) as batch_op:
        batch_op.create_index(
            "uq_people_bond_one_home",
            ["citizen_id"],
            unique=True,
            sqlite_where=sa.text("kind = 'lives'"),
            postgresql_where=sa.text("kind = 'lives'"),
        )

    op.create_table(
        "people_citizen_session",
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("citizen_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("provider", sa.String(length=40), nullable=False),
        sa.Column("acr", sa.String(length=200), nullable=False),
        sa.Column("authenticated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("over_14", sa.Boolean(), nullable=True),
        sa.Column("sealed_token", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["citizen_id"], ["people_citizen.id"], name=op.f("fk_people_citizen_session_citizen_id")),
        sa.PrimaryKeyConstraint("key_hash", name=op.f("pk_people_citizen_session")),
    )
    with op.batch_alter_table("people_citizen_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_people_citizen_session_citizen_id"), ["citizen_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_people_citizen_session_ends_at"), ["ends_at"], unique=False)

    op.create_table(
        "people_mail_link",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("purpose", sa.String(length=10), nullable=False),
        sa.Column("citizen_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("onward", sa.String(length=300), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(purpose = 'confirm') = (citizen_id IS NOT NULL)", name=op.f("ck_people_mail_link_confirmed_for_somebody")
        ),
        sa.CheckConstraint("purpose IN ('sign_in', 'confirm')", name=op.f("ck_people_mail_link_known_purpose")),
        sa.ForeignKeyConstraint(["citizen_id"], ["people_citizen.id"], name=op.f("fk_people_mail_link_citizen_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_people_mail_link")),
    )
    with op.batch_alter_table("people_mail_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_people_mail_link_citizen_id"), ["citizen_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_people_mail_link_email"), ["email"], unique=False)

    op.create_table(
        "people_notice_choice",
        sa.Column("citizen_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("wanted", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["citizen_id"], ["people_citizen.id"], name=op.f("fk_people_notice_choice_citizen_id")),
        sa.PrimaryKeyConstraint("citizen_id", "kind", name=op.f("pk_people_notice_choice")),
    )
    op.create_table(
        "people_residence_request",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("citizen_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("quartiere_code", sa.String(length=60), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("granted", sa.Boolean(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (granted IS NULL)", name=op.f("ck_people_residence_request_decided_with_an_outcome")
        ),
        sa.ForeignKeyConstraint(["citizen_id"], ["people_citizen.id"], name=op.f("fk_people_residence_request_citizen_id")),
        sa.ForeignKeyConstraint(
            ["quartiere_code"], ["city_quartiere.code"], name=op.f("fk_people_residence_request_quartiere_code")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people_residence_request")),
        sa.UniqueConstraint("code", name=op.f("uq_people_residence_request_code")),
    )
    with op.batch_alter_table("people_residence_request", schema=None) as batch_op:
        batch_op.create_index(
            "uq_people_residence_request_one_open",
            ["citizen_id"],
            unique=True,
            sqlite_where=sa.text("decided_at IS NULL"),
            postgresql_where=sa.text("decided_at IS NULL"),
        )

    op.create_table(
        "people_resident",
        sa.Column("subject_key", sa.String(length=64), nullable=False),
        sa.Column("quartiere_code", sa.String(length=60), nullable=False),
        sa.Column("listed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["quartiere_code"], ["city_quartiere.code"], name=op.f("fk_people_resident_quartiere_code")),
        sa.PrimaryKeyConstraint("subject_key", name=op.f("pk_people_resident")),
    )
    op.create_table(
        "people_assisted_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("batch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("citizen_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["people_batch.id"], name=op.f("fk_people_assisted_entry_batch_id")),
        sa.ForeignKeyConstraint(["citizen_id"], ["people_citizen.id"], name=op.f("fk_people_assisted_entry_citizen_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people_assisted_entry")),
    )
    with op.batch_alter_table("people_assisted_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_people_assisted_entry_batch_id"), ["batch_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_people_assisted_entry_citizen_id"), ["citizen_id"], unique=False)

    op.create_table(
        "people_body_speaker",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("body_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("citizen_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("role", sa.String(length=80), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["people_body.id"], name=op.f("fk_people_body_speaker_body_id")),
        sa.ForeignKeyConstraint(["citizen_id"], ["people_citizen.id"], name=op.f("fk_people_body_speaker_citizen_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people_body_speaker")),
        sa.UniqueConstraint("body_id", "citizen_id", name=op.f("uq_people_body_speaker_body_id_citizen_id")),
    )
    with op.batch_alter_table("people_body_speaker", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_people_body_speaker_citizen_id"), ["citizen_id"], unique=False)

    with op.batch_alter_table("people_account", schema=None) as batch_op:
        batch_op.add_column(sa.Column("directory", sa.String(length=40), server_default="", nullable=False))
        batch_op.add_column(sa.Column("directory_key", sa.String(length=64), nullable=True))
        batch_op.create_unique_constraint(batch_op.f("uq_people_account_directory_key"), ["directory_key"])

    with op.batch_alter_table("people_session", schema=None) as batch_op:
        batch_op.add_column(sa.Column("provider", sa.String(length=40), server_default="", nullable=False))
        batch_op.add_column(sa.Column("sealed_token", sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("people_session", schema=None) as batch_op:
        batch_op.drop_column("sealed_token")
        batch_op.drop_column("provider")

    with op.batch_alter_table("people_account", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_people_account_directory_key"), type_="unique")
        batch_op.drop_column("directory_key")
        batch_op.drop_column("directory")

    with op.batch_alter_table("people_body_speaker", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_people_body_speaker_citizen_id"))

    op.drop_table("people_body_speaker")
    with op.batch_alter_table("people_assisted_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_people_assisted_entry_citizen_id"))
        batch_op.drop_index(batch_op.f("ix_people_assisted_entry_batch_id"))

    op.drop_table("people_assisted_entry")
    op.drop_table("people_resident")
    with op.batch_alter_table("people_residence_request", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_people_residence_request_one_open",
            sqlite_where=sa.text("decided_at IS NULL"),
            postgresql_where=sa.text("decided_at IS NULL"),
        )

    op.drop_table("people_residence_request")
    op.drop_table("people_notice_choice")
    with op.batch_alter_table("people_mail_link", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_people_mail_link_email"))
        batch_op.drop_index(batch_op.f("ix_people_mail_link_citizen_id"))

    op.drop_table("people_mail_link")
    with op.batch_alter_table("people_citizen_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_people_citizen_session_ends_at"))
        batch_op.drop_index(batch_op.f("ix_people_citizen_session_citizen_id"))

    op.drop_table("people_citizen_session")
    with op.batch_alter_table("people_bond", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_people_bond_one_home", sqlite_where=sa.text("kind = 'lives'"), postgresql_where=sa.text("kind = 'lives'")
        )

    op.drop_table("people_bond")
    with op.batch_alter_table("people_body", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_people_body_registered_once",
            sqlite_where=sa.text("state IN ('asked', 'verified')"),
            postgresql_where=sa.text("state IN ('asked', 'verified')"),
        )
        batch_op.drop_index(batch_op.f("ix_people_body_state_name"))

    op.drop_table("people_body")
    with op.batch_alter_table("people_batch", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_people_batch_operator_ref_opened_at"))

    op.drop_table("people_batch")
    op.drop_table("people_pepper_seal")
    with op.batch_alter_table("people_citizen", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_people_citizen_last_seen_at"))

    op.drop_table("people_citizen")
    op.drop_table("outbox_suppressed")
    with op.batch_alter_table("outbox_stop_link", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_outbox_stop_link_expires_at"))
        batch_op.drop_index(batch_op.f("ix_outbox_stop_link_address_key"))

    op.drop_table("outbox_stop_link")
    with op.batch_alter_table("outbox_metered_mail", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_outbox_metered_mail_subject_at"))
        batch_op.drop_index(batch_op.f("ix_outbox_metered_mail_first_at"))

    op.drop_table("outbox_metered_mail")
    with op.batch_alter_table("outbox_meter", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_outbox_meter_last_at"))

    op.drop_table("outbox_meter")
    op.drop_table("outbox_capped_mail")
    op.drop_table("outbox_breaker_trip")
    op.drop_table("outbox_allowance")

"""The house: journal, outbox, city, people, planning, and full-text search on both databases."""

import sqlalchemy as sa
from alembic import op


revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "city_ente",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("short_name", sa.String(length=60), nullable=False),
        sa.Column("tagline_it", sa.String(length=200), nullable=False),
        sa.Column("tagline_en", sa.String(length=200), nullable=False),
        sa.Column("region", sa.String(length=80), nullable=False),
        sa.Column("region_url", sa.String(length=300), nullable=False),
        sa.Column("ipa_code", sa.String(length=20), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("postal_code", sa.String(length=10), nullable=False),
        sa.Column("town", sa.String(length=80), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("pec", sa.String(length=254), nullable=False),
        sa.Column("vat_number", sa.String(length=20), nullable=False),
        sa.Column("site_url", sa.String(length=300), nullable=False),
        sa.Column("privacy_contact", sa.String(length=254), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_city_ente_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_city_ente")),
    )
    op.create_table(
        "city_footer_link",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("label_it", sa.String(length=80), nullable=False),
        sa.Column("label_en", sa.String(length=80), nullable=False),
        sa.Column("url", sa.String(length=300), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_city_footer_link")),
    )
    op.create_table(
        "city_holiday",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("every", sa.Integer(), nullable=False),
        sa.Column("name_it", sa.String(length=80), nullable=False),
        sa.Column("name_en", sa.String(length=80), nullable=False),
        sa.CheckConstraint("month BETWEEN 1 AND 12 AND day BETWEEN 1 AND 31", name=op.f("ck_city_holiday_real_day")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_city_holiday")),
    )
    op.create_index("uq_city_holiday_once", "city_holiday", ["month", "day", "every"], unique=True)

    op.create_table(
        "city_office",
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("name_en", sa.String(length=160), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("parent_code", sa.String(length=60), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("successor_code", sa.String(length=60), nullable=True),
        sa.Column("basis_it", sa.String(length=300), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("successor_code <> code AND parent_code <> code", name=op.f("ck_city_office_not_itself")),
        sa.CheckConstraint("successor_code IS NULL OR valid_to IS NOT NULL", name=op.f("ck_city_office_successor_needs_end")),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_from IS NULL OR valid_from <= valid_to", name=op.f("ck_city_office_dates_in_order")
        ),
        sa.ForeignKeyConstraint(["parent_code"], ["city_office.code"], name=op.f("fk_city_office_parent_code"), deferrable=True),
        sa.ForeignKeyConstraint(
            ["successor_code"], ["city_office.code"], name=op.f("fk_city_office_successor_code"), deferrable=True
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_city_office")),
    )
    op.create_table(
        "city_provider",
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("note_it", sa.String(length=400), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_city_provider")),
    )
    op.create_table(
        "city_quartiere",
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("population", sa.Integer(), nullable=True),
        sa.Column("population_verified", sa.Boolean(), nullable=False),
        sa.Column("population_note_it", sa.String(length=400), nullable=False),
        sa.Column("population_note_en", sa.String(length=400), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_city_quartiere")),
        sa.UniqueConstraint("number", name=op.f("uq_city_quartiere_number")),
    )
    op.create_table(
        "city_silence_window",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_city_silence_window_days_in_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_city_silence_window")),
    )
    op.create_table(
        "city_site_report",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("form_key", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("page", sa.String(length=300), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(answered_at IS NULL) = (answer = '')", name=op.f("ck_city_site_report_answer_has_day")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_city_site_report")),
        sa.UniqueConstraint("code", name=op.f("uq_city_site_report_code")),
        sa.UniqueConstraint("form_key", name=op.f("uq_city_site_report_form_key")),
    )
    op.create_index(
        op.f("ix_city_site_report_answered_at_received_at"), "city_site_report", ["answered_at", "received_at"], unique=False
    )

    op.create_table(
        "city_threshold",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.CheckConstraint("value >= 1", name=op.f("ck_city_threshold_value_from_one")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_city_threshold")),
    )
    op.create_table(
        "journal_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("subject_kind", sa.String(length=32), nullable=False),
        sa.Column("subject_ref", sa.String(length=120), nullable=False),
        sa.Column("voice", sa.String(length=200), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("author_seal", sa.String(length=64), nullable=False),
        sa.Column("author_ref", sa.String(length=64), nullable=True),
        sa.Column("author_salt", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal_entry")),
    )
    op.create_index(op.f("ix_journal_entry_kind_id"), "journal_entry", ["kind", "id"], unique=False)
    op.create_index(
        op.f("ix_journal_entry_subject_kind_subject_ref_id"), "journal_entry", ["subject_kind", "subject_ref", "id"], unique=False
    )

    op.create_table(
        "journal_head",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_journal_head")),
    )
    op.create_table(
        "outbox_mail",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("to_address", sa.String(length=254), nullable=False),
        sa.Column("subject", sa.String(length=250), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_outbox_mail_attempts_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_mail")),
        sa.UniqueConstraint("key", name=op.f("uq_outbox_mail_key")),
    )
    op.create_index(
        op.f("ix_outbox_mail_sent_at_failed_at_not_before"), "outbox_mail", ["sent_at", "failed_at", "not_before"], unique=False
    )

    op.create_table(
        "outbox_mail_text",
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=250), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("kind", name=op.f("pk_outbox_mail_text")),
    )
    op.create_table(
        "people_throttle",
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key_hash", name=op.f("pk_people_throttle")),
    )
    op.create_table(
        "plan_mandate",
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("title_it", sa.String(length=160), nullable=False),
        sa.Column("title_en", sa.String(length=160), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "ends_on IS NULL OR starts_on IS NULL OR starts_on < ends_on", name=op.f("ck_plan_mandate_days_in_order")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_plan_mandate")),
    )
    op.create_table(
        "search_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("ref", sa.String(length=64), nullable=False),
        sa.Column("stems", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_entry")),
        sa.UniqueConstraint("kind", "ref", name=op.f("uq_search_entry_kind_ref")),
    )
    op.create_table(
        "city_service",
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("name_it", sa.String(length=160), nullable=False),
        sa.Column("name_en", sa.String(length=160), nullable=False),
        sa.Column("category", sa.String(length=60), nullable=False),
        sa.Column("provider_code", sa.String(length=60), nullable=True),
        sa.Column("office_code", sa.String(length=60), nullable=False),
        sa.Column("per_quartiere", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("basis_it", sa.String(length=400), nullable=False),
        sa.Column("source_url", sa.String(length=400), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["office_code"], ["city_office.code"], name=op.f("fk_city_service_office_code")),
        sa.ForeignKeyConstraint(["provider_code"], ["city_provider.code"], name=op.f("fk_city_service_provider_code")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_city_service")),
    )
    op.create_index(op.f("ix_city_service_category_name_it"), "city_service", ["category", "name_it"], unique=False)

    op.create_table(
        "journal_chain",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint("seq >= 1", name=op.f("ck_journal_chain_seq_from_one")),
        sa.ForeignKeyConstraint(["entry_id"], ["journal_entry.id"], name=op.f("fk_journal_chain_entry_id")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_journal_chain")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_journal_chain_entry_id")),
    )
    op.create_table(
        "people_account",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ref", sa.String(length=40), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("office_code", sa.String(length=60), nullable=True),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("totp_secret", sa.String(length=64), nullable=False),
        sa.Column("totp_confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("totp_last_step", sa.Integer(), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["office_code"], ["city_office.code"], name=op.f("fk_people_account_office_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people_account")),
        sa.UniqueConstraint("email", name=op.f("uq_people_account_email")),
        sa.UniqueConstraint("ref", name=op.f("uq_people_account_ref")),
    )
    op.create_table(
        "plan_direction",
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("mandate_code", sa.String(length=60), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title_it", sa.String(length=300), nullable=False),
        sa.Column("title_en", sa.String(length=300), nullable=False),
        sa.Column("source_url", sa.String(length=400), nullable=False),
        sa.ForeignKeyConstraint(["mandate_code"], ["plan_mandate.code"], name=op.f("fk_plan_direction_mandate_code")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_plan_direction")),
        sa.UniqueConstraint("mandate_code", "year", "number", name=op.f("uq_plan_direction_mandate_code_year_number")),
    )
    op.create_table(
        "plan_peg_objective",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=True),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("office_code", sa.String(length=60), nullable=False),
        sa.Column("director_role", sa.String(length=200), nullable=False),
        sa.Column("manager_role", sa.String(length=200), nullable=False),
        sa.Column("classification", sa.String(length=60), nullable=False),
        sa.Column("typology", sa.String(length=60), nullable=False),
        sa.Column("closing_on", sa.Date(), nullable=True),
        sa.Column("description_it", sa.Text(), nullable=False),
        sa.Column("notes_it", sa.Text(), nullable=False),
        sa.Column("replaces_code", sa.String(length=60), nullable=False),
        sa.Column("replaces_title", sa.String(length=300), nullable=False),
        sa.Column("replaces_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("carried_phase_it", sa.Text(), nullable=False),
        sa.Column("review_notes_it", sa.Text(), nullable=False),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["office_code"], ["city_office.code"], name=op.f("fk_plan_peg_objective_office_code")),
        sa.ForeignKeyConstraint(
            ["replaces_id"], ["plan_peg_objective.id"], name=op.f("fk_plan_peg_objective_replaces_id"), deferrable=True
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_peg_objective")),
        sa.UniqueConstraint("slug", name=op.f("uq_plan_peg_objective_slug")),
    )
    op.create_index(op.f("ix_plan_peg_objective_year_title"), "plan_peg_objective", ["year", "title"], unique=False)

    op.create_table(
        "plan_published_result",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("mandate_code", sa.String(length=60), nullable=False),
        sa.Column("direction_ref", sa.String(length=60), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("completed", sa.Integer(), nullable=False),
        sa.Column("in_progress", sa.Integer(), nullable=False),
        sa.Column("not_done", sa.Integer(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("assessor_it", sa.String(length=200), nullable=False),
        sa.Column("assessor_en", sa.String(length=200), nullable=False),
        sa.Column("note_it", sa.Text(), nullable=False),
        sa.Column("note_en", sa.Text(), nullable=False),
        sa.Column("source_url", sa.String(length=400), nullable=False),
        sa.CheckConstraint("completed + in_progress + not_done = total", name=op.f("ck_plan_published_result_adds_up")),
        sa.ForeignKeyConstraint(["mandate_code"], ["plan_mandate.code"], name=op.f("fk_plan_published_result_mandate_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_published_result")),
        sa.UniqueConstraint("mandate_code", "direction_ref", name=op.f("uq_plan_published_result_mandate_code_direction_ref")),
    )
    op.create_table(
        "people_grant",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("permission", sa.String(length=60), nullable=False),
        sa.Column("scope_kind", sa.String(length=20), nullable=False),
        sa.Column("scope_ref", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["people_account.id"], name=op.f("fk_people_grant_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people_grant")),
        sa.UniqueConstraint(
            "account_id",
            "permission",
            "scope_kind",
            "scope_ref",
            name=op.f("uq_people_grant_account_id_permission_scope_kind_scope_ref"),
        ),
    )
    op.create_table(
        "people_one_time_link",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("purpose", sa.String(length=10), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("purpose IN ('invite', 'reset')", name=op.f("ck_people_one_time_link_known_purpose")),
        sa.ForeignKeyConstraint(["account_id"], ["people_account.id"], name=op.f("fk_people_one_time_link_account_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_people_one_time_link")),
    )
    op.create_table(
        "people_recovery_code",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["people_account.id"], name=op.f("fk_people_recovery_code_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people_recovery_code")),
        sa.UniqueConstraint("account_id", "code_hash", name=op.f("uq_people_recovery_code_account_id_code_hash")),
    )
    op.create_table(
        "people_session",
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["people_account.id"], name=op.f("fk_people_session_account_id")),
        sa.PrimaryKeyConstraint("key_hash", name=op.f("pk_people_session")),
    )
    op.create_index(op.f("ix_people_session_account_id"), "people_session", ["account_id"], unique=False)
    op.create_index(op.f("ix_people_session_ends_at"), "people_session", ["ends_at"], unique=False)

    op.create_table(
        "plan_action",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("mandate_code", sa.String(length=60), nullable=False),
        sa.Column("direction_code", sa.String(length=60), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("lead_office_code", sa.String(length=60), nullable=True),
        sa.Column("importance", sa.Integer(), nullable=True),
        sa.Column("current_version", sa.Integer(), nullable=False),
        sa.Column("declared_entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("assessed_entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("importance BETWEEN 1 AND 3", name=op.f("ck_plan_action_importance_in_range")),
        sa.ForeignKeyConstraint(
            ["assessed_entry_id"],
            ["plan_status_entry.id"],
            name="fk_plan_action_assessed_entry_id",
            deferrable=True,
            use_alter=True,
        ),
        sa.ForeignKeyConstraint(
            ["declared_entry_id"],
            ["plan_status_entry.id"],
            name="fk_plan_action_declared_entry_id",
            deferrable=True,
            use_alter=True,
        ),
        sa.ForeignKeyConstraint(["direction_code"], ["plan_direction.code"], name=op.f("fk_plan_action_direction_code")),
        sa.ForeignKeyConstraint(["lead_office_code"], ["city_office.code"], name=op.f("fk_plan_action_lead_office_code")),
        sa.ForeignKeyConstraint(["mandate_code"], ["plan_mandate.code"], name=op.f("fk_plan_action_mandate_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_action")),
        sa.UniqueConstraint("code", name=op.f("uq_plan_action_code")),
    )
    op.create_index(op.f("ix_plan_action_direction_code"), "plan_action", ["direction_code"], unique=False)
    op.create_index(op.f("ix_plan_action_lead_office_code"), "plan_action", ["lead_office_code"], unique=False)
    op.create_index(op.f("ix_plan_action_mandate_code_code"), "plan_action", ["mandate_code", "code"], unique=False)

    op.create_table(
        "plan_indicator",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("peg_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("description_it", sa.Text(), nullable=False),
        sa.Column("unit", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("direction", sa.String(length=10), nullable=False),
        sa.Column("expected_value", sa.Numeric(precision=16, scale=4), nullable=True),
        sa.Column("confidence", sa.String(length=10), nullable=False),
        sa.Column("note_it", sa.Text(), nullable=False),
        sa.CheckConstraint("direction IN ('higher', 'lower', 'exact')", name=op.f("ck_plan_indicator_known_direction")),
        sa.ForeignKeyConstraint(["peg_id"], ["plan_peg_objective.id"], name=op.f("fk_plan_indicator_peg_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_indicator")),
        sa.UniqueConstraint("peg_id", "number", name=op.f("uq_plan_indicator_peg_id_number")),
    )
    op.create_table(
        "plan_phase",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("peg_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("block", sa.Integer(), nullable=False),
        sa.Column("description_it", sa.Text(), nullable=False),
        sa.Column("weight", sa.Numeric(precision=9, scale=2), nullable=True),
        sa.Column("planned_start", sa.Date(), nullable=True),
        sa.Column("planned_end", sa.Date(), nullable=True),
        sa.Column("actual_start", sa.Date(), nullable=True),
        sa.Column("actual_end", sa.Date(), nullable=True),
        sa.Column("manager_role", sa.String(length=200), nullable=False),
        sa.Column("centre", sa.String(length=200), nullable=False),
        sa.Column("note_it", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("actual_start <= actual_end", name=op.f("ck_plan_phase_actual_in_order")),
        sa.CheckConstraint("planned_start <= planned_end", name=op.f("ck_plan_phase_planned_in_order")),
        sa.CheckConstraint("weight > 0", name=op.f("ck_plan_phase_weight_positive")),
        sa.ForeignKeyConstraint(["peg_id"], ["plan_peg_objective.id"], name=op.f("fk_plan_phase_peg_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_phase")),
        sa.UniqueConstraint("peg_id", "number", name=op.f("uq_plan_phase_peg_id_number")),
    )
    op.create_table(
        "plan_strategic_objective",
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("direction_code", sa.String(length=60), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title_it", sa.String(length=300), nullable=True),
        sa.Column("note_it", sa.String(length=400), nullable=False),
        sa.ForeignKeyConstraint(
            ["direction_code"], ["plan_direction.code"], name=op.f("fk_plan_strategic_objective_direction_code")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_plan_strategic_objective")),
        sa.UniqueConstraint("direction_code", "number", name=op.f("uq_plan_strategic_objective_direction_code_number")),
    )
    op.create_table(
        "plan_action_draft",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("action_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("title_it", sa.String(length=300), nullable=False),
        sa.Column("title_en", sa.String(length=300), nullable=False),
        sa.Column("summary_it", sa.Text(), nullable=False),
        sa.Column("summary_en", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Numeric(precision=16, scale=2), nullable=True),
        sa.Column("target", sa.Numeric(precision=16, scale=2), nullable=True),
        sa.Column("unit_it", sa.String(length=80), nullable=False),
        sa.Column("unit_en", sa.String(length=80), nullable=False),
        sa.Column("amount_eur", sa.Numeric(precision=16, scale=2), nullable=True),
        sa.Column("source_url", sa.String(length=400), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("status_note_it", sa.Text(), nullable=False),
        sa.Column("status_cause_it", sa.Text(), nullable=False),
        sa.Column("status_source_url", sa.String(length=400), nullable=False),
        sa.Column("status_as_of", sa.Date(), nullable=True),
        sa.Column("return_note", sa.Text(), nullable=False),
        sa.Column("author_label", sa.String(length=200), nullable=False),
        sa.Column("author_ref", sa.String(length=64), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["action_id"], ["plan_action.id"], name=op.f("fk_plan_action_draft_action_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_action_draft")),
        sa.UniqueConstraint("action_id", name=op.f("uq_plan_action_draft_action_id")),
    )
    op.create_index(op.f("ix_plan_action_draft_state_updated_at"), "plan_action_draft", ["state", "updated_at"], unique=False)

    op.create_table(
        "plan_action_part",
        sa.Column("action_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("title_it", sa.String(length=300), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_plan_action_part_number_from_one")),
        sa.ForeignKeyConstraint(["action_id"], ["plan_action.id"], name=op.f("fk_plan_action_part_action_id")),
        sa.PrimaryKeyConstraint("action_id", "number", name=op.f("pk_plan_action_part")),
    )
    op.create_table(
        "plan_action_peg",
        sa.Column("action_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("peg_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["action_id"], ["plan_action.id"], name=op.f("fk_plan_action_peg_action_id")),
        sa.ForeignKeyConstraint(["peg_id"], ["plan_peg_objective.id"], name=op.f("fk_plan_action_peg_peg_id")),
        sa.PrimaryKeyConstraint("action_id", "peg_id", name=op.f("pk_plan_action_peg")),
    )
    op.create_table(
        "plan_action_site",
        sa.Column("action_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("quartiere_code", sa.String(length=60), nullable=False),
        sa.Column("basis", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["action_id"], ["plan_action.id"], name=op.f("fk_plan_action_site_action_id")),
        sa.ForeignKeyConstraint(["quartiere_code"], ["city_quartiere.code"], name=op.f("fk_plan_action_site_quartiere_code")),
        sa.PrimaryKeyConstraint("action_id", "quartiere_code", name=op.f("pk_plan_action_site")),
    )
    op.create_index(op.f("ix_plan_action_site_quartiere_code"), "plan_action_site", ["quartiere_code"], unique=False)

    op.create_table(
        "plan_action_tag",
        sa.Column("action_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("tag", sa.String(length=60), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["action_id"], ["plan_action.id"], name=op.f("fk_plan_action_tag_action_id")),
        sa.PrimaryKeyConstraint("action_id", "tag", name=op.f("pk_plan_action_tag")),
    )
    op.create_index(op.f("ix_plan_action_tag_tag"), "plan_action_tag", ["tag"], unique=False)

    op.create_table(
        "plan_action_version",
        sa.Column("action_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("title_it", sa.String(length=300), nullable=False),
        sa.Column("title_en", sa.String(length=300), nullable=False),
        sa.Column("summary_it", sa.Text(), nullable=False),
        sa.Column("summary_en", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Numeric(precision=16, scale=2), nullable=True),
        sa.Column("target", sa.Numeric(precision=16, scale=2), nullable=True),
        sa.Column("unit_it", sa.String(length=80), nullable=False),
        sa.Column("unit_en", sa.String(length=80), nullable=False),
        sa.Column("amount_eur", sa.Numeric(precision=16, scale=2), nullable=True),
        sa.Column("source_url", sa.String(length=400), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by_label", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["action_id"], ["plan_action.id"], name=op.f("fk_plan_action_version_action_id")),
        sa.PrimaryKeyConstraint("action_id", "number", name=op.f("pk_plan_action_version")),
    )
    op.create_table(
        "plan_indicator_value",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("indicator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("value", sa.Numeric(precision=16, scale=4), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("evidence_it", sa.Text(), nullable=False),
        sa.Column("by_label", sa.String(length=200), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["indicator_id"], ["plan_indicator.id"], name=op.f("fk_plan_indicator_value_indicator_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_indicator_value")),
    )
    op.create_index(
        op.f("ix_plan_indicator_value_indicator_id_as_of"), "plan_indicator_value", ["indicator_id", "as_of"], unique=False
    )

    op.create_table(
        "plan_objective_progress",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("objective_code", sa.String(length=60), nullable=False),
        sa.Column("percent", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("source_url", sa.String(length=400), nullable=False),
        sa.CheckConstraint("percent BETWEEN 0 AND 100", name=op.f("ck_plan_objective_progress_percent_in_range")),
        sa.ForeignKeyConstraint(
            ["objective_code"], ["plan_strategic_objective.code"], name=op.f("fk_plan_objective_progress_objective_code")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_objective_progress")),
        sa.UniqueConstraint("objective_code", "as_of", name=op.f("uq_plan_objective_progress_objective_code_as_of")),
    )
    op.create_table(
        "plan_operational_objective",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("strategic_code", sa.String(length=60), nullable=False),
        sa.Column("text_it", sa.Text(), nullable=False),
        sa.Column("replaces_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["replaces_id"],
            ["plan_operational_objective.id"],
            name=op.f("fk_plan_operational_objective_replaces_id"),
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["strategic_code"], ["plan_strategic_objective.code"], name=op.f("fk_plan_operational_objective_strategic_code")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_operational_objective")),
        sa.UniqueConstraint("year", "code", name=op.f("uq_plan_operational_objective_year_code")),
    )
    op.create_table(
        "plan_status_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("action_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("part_number", sa.Integer(), nullable=False),
        sa.Column("voice", sa.String(length=10), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("note_it", sa.Text(), nullable=False),
        sa.Column("note_en", sa.Text(), nullable=False),
        sa.Column("cause_it", sa.Text(), nullable=False),
        sa.Column("source_url", sa.String(length=400), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("as_of_precision", sa.String(length=5), nullable=False),
        sa.Column("by_label", sa.String(length=200), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("as_of_precision IN ('year', 'month', 'day')", name=op.f("ck_plan_status_entry_known_precision")),
        sa.CheckConstraint("status <> 'critical' OR cause_it <> ''", name=op.f("ck_plan_status_entry_critical_has_cause")),
        sa.CheckConstraint("status <> 'withdrawn' OR cause_it <> ''", name=op.f("ck_plan_status_entry_withdrawn_has_reason")),
        sa.CheckConstraint("seq >= 1", name=op.f("ck_plan_status_entry_seq_from_one")),
        sa.ForeignKeyConstraint(["action_id"], ["plan_action.id"], name=op.f("fk_plan_status_entry_action_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_status_entry")),
        sa.UniqueConstraint(
            "action_id", "part_number", "voice", "seq", name=op.f("uq_plan_status_entry_action_id_part_number_voice_seq")
        ),
    )
    op.create_table(
        "plan_action_objective",
        sa.Column("action_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("operational_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["action_id"], ["plan_action.id"], name=op.f("fk_plan_action_objective_action_id")),
        sa.ForeignKeyConstraint(
            ["operational_id"], ["plan_operational_objective.id"], name=op.f("fk_plan_action_objective_operational_id")
        ),
        sa.PrimaryKeyConstraint("action_id", "operational_id", name=op.f("pk_plan_action_objective")),
    )
    op.create_table(
        "plan_peg_operational",
        sa.Column("peg_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("operational_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["operational_id"], ["plan_operational_objective.id"], name=op.f("fk_plan_peg_operational_operational_id")
        ),
        sa.ForeignKeyConstraint(["peg_id"], ["plan_peg_objective.id"], name=op.f("fk_plan_peg_operational_peg_id")),
        sa.PrimaryKeyConstraint("peg_id", "operational_id", name=op.f("pk_plan_peg_operational")),
    )
    if op.get_bind().dialect.name == "sqlite":
        _make_fts5()
    else:
        _close_the_circle()
        op.execute("CREATE INDEX ix_search_entry_stems ON search_entry USING gin (to_tsvector('simple'::regconfig, stems))")


def _close_the_circle() -> None:
    """An action points at its newest status entry, and the entry at its action: PostgreSQL adds that key afterwards."""
    for column in ("declared_entry_id", "assessed_entry_id"):
        op.create_foreign_key(f"fk_plan_action_{column}", "plan_action", "plan_status_entry", [column], ["id"], deferrable=True)


def _make_fts5() -> None:
    """Full-text index over search_entry.stems, kept by triggers: the table stays the only thing that code writes."""
    op.execute(
        "CREATE VIRTUAL TABLE search_entry_fts USING fts5"
        "(stems, content='search_entry', content_rowid='id', tokenize='unicode61')"
    )
    gone = "INSERT INTO search_entry_fts(search_entry_fts, rowid, stems) VALUES ('delete', old.id, old.stems);"
    come = "INSERT INTO search_entry_fts(rowid, stems) VALUES (new.id, new.stems);"
    for event, body in (("INSERT", come), ("DELETE", gone), ("UPDATE", gone + " " + come)):
        op.execute(f"CREATE TRIGGER search_entry_{event.lower()} AFTER {event} ON search_entry BEGIN {body} END")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE search_entry_fts")
    else:
        for column in ("declared_entry_id", "assessed_entry_id"):
            op.drop_constraint(f"fk_plan_action_{column}", "plan_action", type_="foreignkey")
        op.execute("DROP INDEX ix_search_entry_stems")
    op.drop_table("plan_peg_operational")
    op.drop_table("plan_action_objective")
    op.drop_table("plan_status_entry")
    op.drop_table("plan_operational_objective")
    op.drop_table("plan_objective_progress")
    op.drop_table("plan_indicator_value")
    op.drop_table("plan_action_version")
    op.drop_table("plan_action_tag")
    op.drop_table("plan_action_site")
    op.drop_table("plan_action_peg")
    op.drop_table("plan_action_part")
    op.drop_table("plan_action_draft")
    op.drop_table("plan_strategic_objective")
    op.drop_table("plan_phase")
    op.drop_table("plan_indicator")
    op.drop_table("plan_action")
    op.drop_table("people_session")
    op.drop_table("people_recovery_code")
    op.drop_table("people_one_time_link")
    op.drop_table("people_grant")
    op.drop_table("plan_published_result")
    op.drop_table("plan_peg_objective")
    op.drop_table("plan_direction")
    op.drop_table("people_account")
    op.drop_table("journal_chain")
    op.drop_table("city_service")
    op.drop_table("search_entry")
    op.drop_table("plan_mandate")
    op.drop_table("people_throttle")
    op.drop_table("outbox_mail_text")
    op.drop_table("outbox_mail")
    op.drop_table("journal_head")
    op.drop_table("journal_entry")
    op.drop_table("city_threshold")
    op.drop_table("city_site_report")
    op.drop_table("city_silence_window")
    op.drop_table("city_quartiere")
    op.drop_table("city_provider")
    op.drop_table("city_office")
    op.drop_table("city_holiday")
    op.drop_table("city_footer_link")
    op.drop_table("city_ente")

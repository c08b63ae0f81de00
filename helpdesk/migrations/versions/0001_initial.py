"""The first schema."""

import sqlalchemy as sa
from alembic import op

import helpdesk.db

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# The audit trail is append-only whatever the application does.
_APPEND_ONLY = {
    "sqlite": (
        """CREATE TRIGGER audit_event_no_update BEFORE UPDATE ON audit_event
        BEGIN SELECT RAISE(ABORT, 'audit_event is append-only'); END""",
        """CREATE TRIGGER audit_event_no_delete BEFORE DELETE ON audit_event
        BEGIN SELECT RAISE(ABORT, 'audit_event is append-only'); END""",
    ),
    "postgresql": (
        """CREATE OR REPLACE FUNCTION audit_event_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'audit_event is append-only'; END $$""",
        """CREATE TRIGGER audit_event_no_change BEFORE UPDATE OR DELETE ON audit_event
        FOR EACH ROW EXECUTE FUNCTION audit_event_refuse()""",
        """CREATE TRIGGER audit_event_no_truncate BEFORE TRUNCATE ON audit_event
        FOR EACH STATEMENT EXECUTE FUNCTION audit_event_refuse()""",
    ),
}
# Mail is base64 for the most part, which does not shrink: trying costs 0.5 ms a mail for nothing.
_UNCOMPRESSED = "ALTER TABLE blob ALTER COLUMN content SET STORAGE EXTERNAL"


def upgrade() -> None:
    op.create_table(
        "agent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("login", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "agent",
                "supervisor",
                "admin",
                "auditor",
                name="role",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("theme", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", helpdesk.db.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("language IN ('id', 'en')", name=op.f("ck_agent_language")),
        sa.CheckConstraint(
            "role IN ('agent', 'supervisor', 'admin', 'auditor')", name=op.f("ck_agent_role")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agent")),
        sa.UniqueConstraint("login", name=op.f("uq_agent_login")),
    )
    op.create_table(
        "blob",
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("size_bytes >= 0", name=op.f("ck_blob_size")),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_blob")),
    )
    op.create_table(
        "contact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "channel",
            sa.Enum(
                "email",
                "x",
                "facebook",
                "instagram",
                "whatsapp",
                "web",
                "phone",
                "counter",
                "other",
                name="channel",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("display_name", sa.String(), nullable=False),
        sa.Column("platform_id", sa.String(), nullable=False),
        sa.Column("handle", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("thread", sa.String(), nullable=False),
        sa.Column("service", sa.String(), nullable=False),
        sa.Column("is_group", sa.Boolean(), nullable=False),
        sa.Column("created_at", helpdesk.db.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "channel IN ('email', 'x', 'facebook', 'instagram', 'whatsapp', 'web', 'phone', 'counter', 'other')",
            name=op.f("ck_contact_channel"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
        sa.UniqueConstraint("channel", "address", name=op.f("uq_contact_channel_address")),
    )
    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.create_index(
            "ix_contact_thread",
            ["channel", "thread"],
            unique=False,
            sqlite_where=sa.text("thread <> ''"),
            postgresql_where=sa.text("thread <> ''"),
        )

    op.create_table(
        "form_use",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("at", helpdesk.db.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_use")),
    )
    with op.batch_alter_table("form_use", schema=None) as batch_op:
        batch_op.create_index("ix_form_use_who_at", ["who", "at"], unique=False)

    op.create_table(
        "job",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "job",
            sa.Enum(
                "receive",
                "match",
                "draft",
                "send",
                "import",
                "photo",
                name="job",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("queued", "running", "parked", name="jobstate", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("created_at", helpdesk.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("not_before", helpdesk.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("lease_until", helpdesk.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("holder", sa.String(), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.CheckConstraint(
            "job IN ('receive', 'match', 'draft', 'send', 'import', 'photo')",
            name=op.f("ck_job_job"),
        ),
        sa.CheckConstraint("state IN ('queued', 'running', 'parked')", name=op.f("ck_job_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
    )
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.create_index("ix_job_next", ["job", "state", "id"], unique=False)
        batch_op.create_index(
            "uq_job_queued",
            ["job", "subject_id"],
            unique=True,
            sqlite_where=sa.text("state = 'queued'"),
            postgresql_where=sa.text("state = 'queued'"),
        )

    op.create_table(
        "lease",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("until", helpdesk.db.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lease")),
    )
    op.create_table(
        "login_attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("at", helpdesk.db.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_attempt")),
    )
    with op.batch_alter_table("login_attempt", schema=None) as batch_op:
        batch_op.create_index("ix_login_attempt_who_at", ["who", "at"], unique=False)

    op.create_table(
        "mailbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("folder", sa.String(), nullable=False),
        sa.Column("uidvalidity", sa.Integer(), nullable=True),
        sa.Column("last_uid", sa.Integer(), nullable=False),
        sa.Column("last_success_at", helpdesk.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("last_full_at", helpdesk.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.Column("last_error_at", helpdesk.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("next_poll_at", helpdesk.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("fingerprint", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailbox")),
        sa.UniqueConstraint("name", "folder", name=op.f("uq_mailbox_name_folder")),
    )
    op.create_table(
        "record",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kpj", sa.String(), nullable=False),
        sa.Column("nik", sa.String(), nullable=False),
        sa.Column("nik_number", sa.BigInteger(), nullable=True),
        sa.Column("full_name", sa.String(), nullable=False),
        sa.Column("birth_place", sa.String(), nullable=False),
        sa.Column("birth_day", sa.Integer(), nullable=True),
        sa.Column("mother_name", sa.String(), nullable=False),
        sa.Column("employer", sa.String(), nullable=False),
        sa.Column("segment", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.CheckConstraint("length(kpj) = 11", name=op.f("ck_record_kpj")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record")),
        sa.UniqueConstraint("kpj", name=op.f("uq_record_kpj")),
    )
    with op.batch_alter_table("record", schema=None) as batch_op:
        batch_op.create_index("ix_record_nik_number", ["nik_number"], unique=False)

    op.create_table(
        "record_key",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("record_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("key", "record_id", name=op.f("pk_record_key")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "registry_import",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("finished_at", helpdesk.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("key_version", sa.Integer(), nullable=False),
        sa.Column("read", sa.Integer(), nullable=False),
        sa.Column("inserted", sa.Integer(), nullable=False),
        sa.Column("updated", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registry_import")),
    )
    op.create_table(
        "term_count",
        sa.Column("term", sa.Text(), nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("term", name=op.f("pk_term_count")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "agent_session",
        sa.Column("token_sha256", sa.String(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("csrf_token", sa.String(), nullable=False),
        sa.Column("created_at", helpdesk.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("seen_at", helpdesk.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", helpdesk.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agent.id"], name=op.f("fk_agent_session_agent_id_agent")
        ),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("pk_agent_session")),
    )
    with op.batch_alter_table("agent_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_agent_session_agent_id"), ["agent_id"], unique=False)

    op.create_table(
        "audit_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", helpdesk.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=True),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject_type", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("prev_hash", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agent.id"], name=op.f("fk_audit_event_agent_id_agent")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_event")),
    )
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.create_index(
            "ix_audit_event_subject", ["subject_type", "subject_id", "id"], unique=False
        )

    op.create_table(
        "handover",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "channel",
            sa.Enum(
                "email",
                "x",
                "facebook",
                "instagram",
                "whatsapp",
                "web",
                "phone",
                "counter",
                "other",
                name="channel",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("created_at", helpdesk.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("replies", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.CheckConstraint("replies > 0", name=op.f("ck_handover_replies")),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agent.id"], name=op.f("fk_handover_agent_id_agent")
        ),
        sa.ForeignKeyConstraint(["sha256"], ["blob.sha256"], name=op.f("fk_handover_sha256_blob")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover")),
    )
    op.create_table(
        "import_batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "reading",
                "filing",
                "done",
                "failed",
                "undone",
                name="importstate",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column(
            "channel",
            sa.Enum(
                "email",
                "x",
                "facebook",
                "instagram",
                "whatsapp",
                "web",
                "phone",
                "counter",
                "other",
                name="channel",
                native_enum=False,
                length=20,
            ),
            nullable=True,
        ),
        sa.Column("format", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("path", sa.String(), nullable=True),
        sa.Column("own_names", sa.JSON(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=True),
        sa.Column("created_at", helpdesk.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("started_at", helpdesk.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("finished_at", helpdesk.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("new", sa.Integer(), nullable=False),
        sa.Column("known", sa.Integer(), nullable=False),
        sa.Column("defective", sa.Integer(), nullable=False),
        sa.Column("skipped", sa.JSON(), nullable=False),
        sa.Column("tickets_opened", sa.Integer(), nullable=False),
        sa.Column("tickets_continued", sa.Integer(), nullable=False),
        sa.Column("first_at", helpdesk.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("last_at", helpdesk.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.String(), nullable=True),
        sa.CheckConstraint(
            "channel IN ('email', 'x', 'facebook', 'instagram', 'whatsapp', 'web', 'phone', 'counter', 'other')",
            name=op.f("ck_import_batch_channel"),
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'reading', 'filing', 'done', 'failed', 'undone')",
            name=op.f("ck_import_batch_state"),
        ),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agent.id"], name=op.f("fk_import_batch_agent_id_agent")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_batch")),
    )
    with op.batch_alter_table("import_batch", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_import_batch_sha256"), ["sha256"], unique=False)

    op.create_table(
        "raw_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mailbox_id", sa.Integer(), nullable=False),
        sa.Column(
            "channel",
            sa.Enum(
                "email",
                "x",
                "facebook",
                "instagram",
                "whatsapp",
                "web",
                "phone",
                "counter",
                "other",
                name="channel",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("full_size_bytes", sa.Integer(), nullable=False),
        sa.Column("received_at", helpdesk.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("stored_at", helpdesk.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "filed",
                "duplicate",
                "bounce",
                "ignored",
                "unparsed",
                name="rawoutcome",
                native_enum=False,
                length=20,
            ),
            nullable=True,
        ),
        sa.Column("problem", sa.String(), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('filed', 'duplicate', 'bounce', 'ignored', 'unparsed')",
            name=op.f("ck_raw_message_outcome"),
        ),
        sa.ForeignKeyConstraint(
            ["mailbox_id"], ["mailbox.id"], name=op.f("fk_raw_message_mailbox_id_mailbox")
        ),
        sa.ForeignKeyConstraint(
            ["sha256"], ["blob.sha256"], name=op.f("fk_raw_message_sha256_blob")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_raw_message")),
        sa.UniqueConstraint("mailbox_id", "sha256", name=op.f("uq_raw_message_mailbox_id_sha256")),
    )
    op.create_table(
        "ticket",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "channel",
            sa.Enum(
                "email",
                "x",
                "facebook",
                "instagram",
                "whatsapp",
                "web",
                "phone",
                "counter",
                "other",
                name="channel",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("preview", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "unparsed",
                "waiting_agent",
                "waiting_participant",
                "closed",
                "spam",
                name="ticketstatus",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("assignee_id", sa.Integer(), nullable=True),
        sa.Column("linked_ticket_id", sa.Integer(), nullable=True),
        sa.Column("link_reason", sa.String(), nullable=True),
        sa.Column("opened_at", helpdesk.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", helpdesk.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("waiting_since", helpdesk.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("window_ends_at", helpdesk.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("mail_to", sa.String(), nullable=True),
        sa.Column("message_count", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("claim_count", sa.Integer(), nullable=False),
        sa.Column("claim_facts", sa.String(), nullable=False),
        sa.Column("best_probability", sa.Double(), nullable=True),
        sa.Column("decision", sa.String(), nullable=True),
        sa.Column("disclosure", sa.String(), nullable=True),
        sa.Column("approvals_needed", sa.Integer(), nullable=False),
        sa.Column("approvals_given", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "channel IN ('email', 'x', 'facebook', 'instagram', 'whatsapp', 'web', 'phone', 'counter', 'other')",
            name=op.f("ck_ticket_channel"),
        ),
        sa.CheckConstraint(
            "status IN ('unparsed', 'waiting_agent', 'waiting_participant', 'closed', 'spam')",
            name=op.f("ck_ticket_status"),
        ),
        sa.CheckConstraint(
            "best_probability IS NULL OR best_probability BETWEEN 0 AND 1",
            name=op.f("ck_ticket_probability"),
        ),
        sa.CheckConstraint("priority BETWEEN 0 AND 3", name=op.f("ck_ticket_priority")),
        sa.ForeignKeyConstraint(
            ["assignee_id"], ["agent.id"], name=op.f("fk_ticket_assignee_id_agent")
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_ticket_contact_id_contact")
        ),
        sa.ForeignKeyConstraint(
            ["linked_ticket_id"],
            ["ticket.id"],
            name=op.f("fk_ticket_linked_ticket_id_ticket"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket")),
    )
    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.create_index(
            "ix_ticket_assignee_status_waiting",
            ["assignee_id", "status", "waiting_since"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_ticket_contact_id"), ["contact_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_ticket_linked_ticket_id"), ["linked_ticket_id"], unique=False
        )
        batch_op.create_index(
            "ix_ticket_queue",
            ["status", "approvals_needed", "waiting_since", "id", "assignee_id"],
            unique=False,
        )
        batch_op.create_index(
            "ix_ticket_status_waiting_since_id", ["status", "waiting_since", "id"], unique=False
        )
        batch_op.create_index(
            "ix_ticket_status_window", ["status", "window_ends_at", "id"], unique=False
        )
        batch_op.create_index("ix_ticket_updated", ["updated_at", "id"], unique=False)

    op.create_table(
        "claim",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "about",
            sa.Enum("self", "other", name="about", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column("relation", sa.String(), nullable=True),
        sa.Column("verdict", sa.String(), nullable=True),
        sa.Column("matched_at", helpdesk.db.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("about IN ('self', 'other')", name=op.f("ck_claim_about")),
        sa.CheckConstraint(
            "verdict IN ('match', 'review', 'none')", name=op.f("ck_claim_verdict")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"],
            ["ticket.id"],
            name=op.f("fk_claim_ticket_id_ticket"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim")),
        sa.UniqueConstraint("ticket_id", "position", name=op.f("uq_claim_ticket_id_position")),
    )
    op.create_table(
        "mailbox_message",
        sa.Column("mailbox_id", sa.Integer(), nullable=False),
        sa.Column("uidvalidity", sa.Integer(), nullable=False),
        sa.Column("uid", sa.Integer(), nullable=False),
        sa.Column("raw_id", sa.Integer(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("next_try_at", helpdesk.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("flagged", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["mailbox_id"], ["mailbox.id"], name=op.f("fk_mailbox_message_mailbox_id_mailbox")
        ),
        sa.ForeignKeyConstraint(
            ["raw_id"], ["raw_message.id"], name=op.f("fk_mailbox_message_raw_id_raw_message")
        ),
        sa.PrimaryKeyConstraint(
            "mailbox_id", "uidvalidity", "uid", name=op.f("pk_mailbox_message")
        ),
    )
    with op.batch_alter_table("mailbox_message", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mailbox_message_raw_id"), ["raw_id"], unique=False)

    op.create_table(
        "message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column(
            "direction",
            sa.Enum("inbound", "outbound", "note", name="direction", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column(
            "kind",
            sa.Enum(
                "person",
                "auto_reply",
                "bounce",
                "list",
                "own",
                "event",
                name="messagekind",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("agent_id", sa.Integer(), nullable=True),
        sa.Column("raw_id", sa.Integer(), nullable=True),
        sa.Column("message_id", sa.String(), nullable=True),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("quoted", sa.String(), nullable=False),
        sa.Column("signature", sa.String(), nullable=False),
        sa.Column("html", sa.String(), nullable=True),
        sa.Column("sent_at", helpdesk.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("received_at", helpdesk.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("sender_name", sa.String(), nullable=False),
        sa.Column("reply_to", sa.String(), nullable=True),
        sa.Column("authentic", sa.Boolean(), nullable=False),
        sa.Column("authenticity", sa.String(), nullable=False),
        sa.Column("thread_reason", sa.String(), nullable=False),
        sa.Column("defects", sa.JSON(), nullable=False),
        sa.Column("event", sa.String(), nullable=True),
        sa.Column("edited", sa.Boolean(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=True),
        sa.Column("import_key", sa.String(), nullable=True),
        sa.CheckConstraint(
            "direction IN ('inbound', 'outbound', 'note')", name=op.f("ck_message_direction")
        ),
        sa.CheckConstraint(
            "kind IN ('person', 'auto_reply', 'bounce', 'list', 'own', 'event')",
            name=op.f("ck_message_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agent.id"], name=op.f("fk_message_agent_id_agent")
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_message_contact_id_contact")
        ),
        sa.ForeignKeyConstraint(
            ["import_id"], ["import_batch.id"], name=op.f("fk_message_import_id_import_batch")
        ),
        sa.ForeignKeyConstraint(
            ["raw_id"], ["raw_message.id"], name=op.f("fk_message_raw_id_raw_message")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_message_ticket_id_ticket")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("raw_id", name=op.f("uq_message_raw_id")),
    )
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_message_contact_id"), ["contact_id"], unique=False)
        batch_op.create_index(
            "ix_message_import_id",
            ["import_id"],
            unique=False,
            sqlite_where=sa.text("import_key IS NOT NULL"),
            postgresql_where=sa.text("import_key IS NOT NULL"),
        )
        batch_op.create_index(batch_op.f("ix_message_message_id"), ["message_id"], unique=False)
        batch_op.create_index(
            "ix_message_ticket_received", ["ticket_id", "received_at", "id"], unique=False
        )
        batch_op.create_index(
            "uq_message_import_key",
            ["import_key"],
            unique=True,
            sqlite_where=sa.text("import_key IS NOT NULL"),
            postgresql_where=sa.text("import_key IS NOT NULL"),
        )

    op.create_table(
        "ticket_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("token_sha256", sa.String(), nullable=False),
        sa.Column("created_at", helpdesk.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_link_ticket_id_ticket")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_link")),
        sa.UniqueConstraint("ticket_id", name=op.f("uq_ticket_link_ticket_id")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_ticket_link_token_sha256")),
    )
    op.create_table(
        "verification",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("kpj", sa.String(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("asked_at", helpdesk.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agent.id"], name=op.f("fk_verification_agent_id_agent")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_verification_ticket_id_ticket")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verification")),
    )
    with op.batch_alter_table("verification", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_verification_kpj"), ["kpj"], unique=False)
        batch_op.create_index(batch_op.f("ix_verification_ticket_id"), ["ticket_id"], unique=False)

    op.create_table(
        "attachment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=True),
        sa.Column("problem", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["message.id"],
            name=op.f("fk_attachment_message_id_message"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["sha256"], ["blob.sha256"], name=op.f("fk_attachment_sha256_blob")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
        sa.UniqueConstraint(
            "message_id", "position", name=op.f("uq_attachment_message_id_position")
        ),
    )
    op.create_table(
        "candidate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("claim_id", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("kpj", sa.String(), nullable=False),
        sa.Column("person", sa.Integer(), nullable=False),
        sa.Column("probability", sa.Double(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.CheckConstraint("probability BETWEEN 0 AND 1", name=op.f("ck_candidate_probability")),
        sa.ForeignKeyConstraint(
            ["claim_id"],
            ["claim.id"],
            name=op.f("fk_candidate_claim_id_claim"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_candidate")),
        sa.UniqueConstraint("claim_id", "rank", name=op.f("uq_candidate_claim_id_rank")),
    )
    op.create_table(
        "correction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "field",
            sa.Enum(
                "full_name",
                "birth_place",
                "birth_date",
                "nik",
                name="field",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("before", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("span_start", sa.Integer(), nullable=True),
        sa.Column("span_end", sa.Integer(), nullable=True),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("made_at", helpdesk.db.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "field IN ('full_name', 'birth_place', 'birth_date', 'nik')",
            name=op.f("ck_correction_field"),
        ),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agent.id"], name=op.f("fk_correction_agent_id_agent")
        ),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["message.id"],
            name=op.f("fk_correction_message_id_message"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"],
            ["ticket.id"],
            name=op.f("fk_correction_ticket_id_ticket"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction")),
    )
    with op.batch_alter_table("correction", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_correction_made_at"), ["made_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_correction_message_id"), ["message_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_correction_ticket_id"), ["ticket_id"], unique=False)

    op.create_table(
        "delivery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("message_row_id", sa.Integer(), nullable=False),
        sa.Column(
            "channel",
            sa.Enum(
                "email",
                "x",
                "facebook",
                "instagram",
                "whatsapp",
                "web",
                "phone",
                "counter",
                "other",
                name="channel",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "queued",
                "sending",
                "sent",
                "deferred",
                "failed",
                "unknown",
                "cancelled",
                "handed",
                name="deliverystate",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", helpdesk.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("not_before", helpdesk.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("sending_since", helpdesk.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("sent_at", helpdesk.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.String(), nullable=True),
        sa.Column("by_hand", sa.Boolean(), nullable=False),
        sa.Column("any_time", sa.Boolean(), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("parts_sent", sa.Integer(), nullable=False),
        sa.Column("remote_ids", sa.JSON(), nullable=False),
        sa.Column("handed_at", helpdesk.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("handed_by_id", sa.Integer(), nullable=True),
        sa.Column("handover", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "state IN ('queued', 'sending', 'sent', 'deferred', 'failed', 'unknown', 'cancelled', 'handed')",
            name=op.f("ck_delivery_state"),
        ),
        sa.ForeignKeyConstraint(
            ["handed_by_id"], ["agent.id"], name=op.f("fk_delivery_handed_by_id_agent")
        ),
        sa.ForeignKeyConstraint(
            ["handover"], ["handover.id"], name=op.f("fk_delivery_handover_handover")
        ),
        sa.ForeignKeyConstraint(
            ["message_row_id"], ["message.id"], name=op.f("fk_delivery_message_row_id_message")
        ),
        sa.ForeignKeyConstraint(["sha256"], ["blob.sha256"], name=op.f("fk_delivery_sha256_blob")),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_delivery_ticket_id_ticket")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint("message_id", name=op.f("uq_delivery_message_id")),
        sa.UniqueConstraint("message_row_id", name=op.f("uq_delivery_message_row_id")),
    )
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_delivery_handover"), ["handover"], unique=False)
        batch_op.create_index(
            "ix_delivery_state_not_before", ["state", "not_before"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_delivery_ticket_id"), ["ticket_id"], unique=False)

    op.create_table(
        "draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("situation", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("disclosure", sa.String(), nullable=False),
        sa.Column("approvals_needed", sa.Integer(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("kpjs", sa.JSON(), nullable=False),
        sa.Column("claim_id", sa.Integer(), nullable=True),
        sa.Column("answers_message_id", sa.Integer(), nullable=True),
        sa.Column("edited_by_id", sa.Integer(), nullable=True),
        sa.Column("refusal_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", helpdesk.db.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "disclosure IN ('full', 'masked', 'redirect', 'ask', 'none')",
            name=op.f("ck_draft_disclosure"),
        ),
        sa.CheckConstraint("approvals_needed IN (1, 2)", name=op.f("ck_draft_approvals")),
        sa.ForeignKeyConstraint(
            ["answers_message_id"],
            ["message.id"],
            name=op.f("fk_draft_answers_message_id_message"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["claim_id"], ["claim.id"], name=op.f("fk_draft_claim_id_claim"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["edited_by_id"], ["agent.id"], name=op.f("fk_draft_edited_by_id_agent")
        ),
        sa.ForeignKeyConstraint(
            ["refusal_id"], ["message.id"], name=op.f("fk_draft_refusal_id_message")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"],
            ["ticket.id"],
            name=op.f("fk_draft_ticket_id_ticket"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft")),
        sa.UniqueConstraint("ticket_id", name=op.f("uq_draft_ticket_id")),
    )
    with op.batch_alter_table("draft", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_draft_answers_message_id"), ["answers_message_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_draft_refusal_id"), ["refusal_id"], unique=False)

    op.create_table(
        "approval",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("draft_version", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("frozen_sha256", sa.String(), nullable=False),
        sa.Column("disclosure", sa.String(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("approved_at", helpdesk.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("delivery_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agent.id"], name=op.f("fk_approval_agent_id_agent")
        ),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["delivery.id"], name=op.f("fk_approval_delivery_id_delivery")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_approval_ticket_id_ticket")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval")),
        sa.UniqueConstraint(
            "ticket_id",
            "frozen_sha256",
            "agent_id",
            name=op.f("uq_approval_ticket_id_frozen_sha256_agent_id"),
        ),
    )
    op.create_table(
        "fact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("claim_id", sa.Integer(), nullable=False),
        sa.Column(
            "field",
            sa.Enum(
                "full_name",
                "birth_place",
                "birth_date",
                "nik",
                name="field",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("span_start", sa.Integer(), nullable=True),
        sa.Column("span_end", sa.Integer(), nullable=True),
        sa.Column("attachment_id", sa.Integer(), nullable=True),
        sa.Column("box", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=True),
        sa.Column("warnings", sa.JSON(), nullable=False),
        sa.Column("history", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "field IN ('full_name', 'birth_place', 'birth_date', 'nik')",
            name=op.f("ck_fact_field"),
        ),
        sa.CheckConstraint("confidence BETWEEN 0 AND 1", name=op.f("ck_fact_confidence")),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_fact_agent_id_agent")),
        sa.ForeignKeyConstraint(
            ["attachment_id"],
            ["attachment.id"],
            name=op.f("fk_fact_attachment_id_attachment"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["claim_id"], ["claim.id"], name=op.f("fk_fact_claim_id_claim"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["message.id"],
            name=op.f("fk_fact_message_id_message"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fact")),
        sa.UniqueConstraint("claim_id", "field", name=op.f("uq_fact_claim_id_field")),
    )
    with op.batch_alter_table("fact", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_fact_attachment_id"), ["attachment_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_fact_message_id"), ["message_id"], unique=False)
        batch_op.create_index(
            "ix_fact_nik",
            ["value"],
            unique=False,
            sqlite_where=sa.text("field = 'nik'"),
            postgresql_where=sa.text("field = 'nik'"),
        )

    op.create_table(
        "photo",
        sa.Column("attachment_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "read",
                "no_card",
                "unreadable",
                name="photostate",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("read_at", helpdesk.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'read', 'no_card', 'unreadable')", name=op.f("ck_photo_state")
        ),
        sa.ForeignKeyConstraint(
            ["attachment_id"],
            ["attachment.id"],
            name=op.f("fk_photo_attachment_id_attachment"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("attachment_id", name=op.f("pk_photo")),
    )
    with op.batch_alter_table("photo", schema=None) as batch_op:
        batch_op.create_index(
            "ix_photo_waiting",
            ["attachment_id"],
            unique=False,
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        )

    for statement in _APPEND_ONLY[op.get_bind().dialect.name]:
        op.execute(statement)
    if op.get_bind().dialect.name == "postgresql":
        op.execute(_UNCOMPRESSED)


def downgrade() -> None:
    with op.batch_alter_table("photo", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_photo_waiting",
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        )

    op.drop_table("photo")
    with op.batch_alter_table("fact", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_fact_nik",
            sqlite_where=sa.text("field = 'nik'"),
            postgresql_where=sa.text("field = 'nik'"),
        )
        batch_op.drop_index(batch_op.f("ix_fact_message_id"))
        batch_op.drop_index(batch_op.f("ix_fact_attachment_id"))

    op.drop_table("fact")
    op.drop_table("approval")
    with op.batch_alter_table("draft", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_draft_refusal_id"))
        batch_op.drop_index(batch_op.f("ix_draft_answers_message_id"))

    op.drop_table("draft")
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_delivery_ticket_id"))
        batch_op.drop_index("ix_delivery_state_not_before")
        batch_op.drop_index(batch_op.f("ix_delivery_handover"))

    op.drop_table("delivery")
    with op.batch_alter_table("correction", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_correction_ticket_id"))
        batch_op.drop_index(batch_op.f("ix_correction_message_id"))
        batch_op.drop_index(batch_op.f("ix_correction_made_at"))

    op.drop_table("correction")
    op.drop_table("candidate")
    op.drop_table("attachment")
    with op.batch_alter_table("verification", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_verification_ticket_id"))
        batch_op.drop_index(batch_op.f("ix_verification_kpj"))

    op.drop_table("verification")
    op.drop_table("ticket_link")
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_message_import_key",
            sqlite_where=sa.text("import_key IS NOT NULL"),
            postgresql_where=sa.text("import_key IS NOT NULL"),
        )
        batch_op.drop_index("ix_message_ticket_received")
        batch_op.drop_index(batch_op.f("ix_message_message_id"))
        batch_op.drop_index(
            "ix_message_import_id",
            sqlite_where=sa.text("import_key IS NOT NULL"),
            postgresql_where=sa.text("import_key IS NOT NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_message_contact_id"))

    op.drop_table("message")
    with op.batch_alter_table("mailbox_message", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_mailbox_message_raw_id"))

    op.drop_table("mailbox_message")
    op.drop_table("claim")
    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.drop_index("ix_ticket_updated")
        batch_op.drop_index("ix_ticket_status_window")
        batch_op.drop_index("ix_ticket_status_waiting_since_id")
        batch_op.drop_index("ix_ticket_queue")
        batch_op.drop_index(batch_op.f("ix_ticket_linked_ticket_id"))
        batch_op.drop_index(batch_op.f("ix_ticket_contact_id"))
        batch_op.drop_index("ix_ticket_assignee_status_waiting")

    op.drop_table("ticket")
    op.drop_table("raw_message")
    with op.batch_alter_table("import_batch", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_import_batch_sha256"))

    op.drop_table("import_batch")
    op.drop_table("handover")
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.drop_index("ix_audit_event_subject")

    op.drop_table("audit_event")
    with op.batch_alter_table("agent_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_agent_session_agent_id"))

    op.drop_table("agent_session")
    op.drop_table("term_count")
    op.drop_table("registry_import")
    op.drop_table("record_key")
    with op.batch_alter_table("record", schema=None) as batch_op:
        batch_op.drop_index("ix_record_nik_number")

    op.drop_table("record")
    op.drop_table("mailbox")
    with op.batch_alter_table("login_attempt", schema=None) as batch_op:
        batch_op.drop_index("ix_login_attempt_who_at")

    op.drop_table("login_attempt")
    op.drop_table("lease")
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_job_queued",
            sqlite_where=sa.text("state = 'queued'"),
            postgresql_where=sa.text("state = 'queued'"),
        )
        batch_op.drop_index("ix_job_next")

    op.drop_table("job")
    with op.batch_alter_table("form_use", schema=None) as batch_op:
        batch_op.drop_index("ix_form_use_who_at")

    op.drop_table("form_use")
    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_contact_thread",
            sqlite_where=sa.text("thread <> ''"),
            postgresql_where=sa.text("thread <> ''"),
        )

    op.drop_table("contact")
    op.drop_table("blob")
    op.drop_table("agent")

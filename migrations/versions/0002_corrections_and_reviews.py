"""documents are corrected, drafts approved, releases withdrawn from

Revision 0002, after 0001.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "clause_correction",
        sa.Column("document_id", sa.Text(), nullable=False),
        sa.Column("clause_id", sa.Text(), nullable=False),
        sa.Column("original", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("corrected_by", sa.String(length=64), nullable=False),
        sa.Column("corrected_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("document_id", "clause_id", name=op.f("pk_clause_correction")),
    )
    op.create_table(
        "draft_approval",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("approved_by", sa.String(length=64), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_draft_approval_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft_approval")),
    )
    op.create_table(
        "field_correction",
        sa.Column("document_id", sa.Text(), nullable=False),
        sa.Column("field", sa.String(length=32), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("corrected_by", sa.String(length=64), nullable=False),
        sa.Column("corrected_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("document_id", "field", name=op.f("pk_field_correction")),
    )
    op.create_table(
        "read_file",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("document_id", sa.Text(), nullable=False),
        sa.Column("version_digest", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_digest"], ["document_version.digest"], name=op.f("fk_read_file_version_digest_document_version")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_read_file")),
    )
    with op.batch_alter_table("clause", schema=None) as batch_op:
        batch_op.add_column(sa.Column("place", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("confidence", sa.Float(), nullable=True))

    with op.batch_alter_table("document_version", schema=None) as batch_op:
        batch_op.add_column(sa.Column("proposals", sa.JSON(), server_default="[]", nullable=False))

    with op.batch_alter_table("knowledge_release", schema=None) as batch_op:
        batch_op.add_column(sa.Column("withdraws", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("approved_by", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("override", sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("knowledge_release", schema=None) as batch_op:
        batch_op.drop_column("override")
        batch_op.drop_column("approved_by")
        batch_op.drop_column("withdraws")

    with op.batch_alter_table("document_version", schema=None) as batch_op:
        batch_op.drop_column("proposals")

    with op.batch_alter_table("clause", schema=None) as batch_op:
        batch_op.drop_column("confidence")
        batch_op.drop_column("place")

    op.drop_table("read_file")
    op.drop_table("field_correction")
    op.drop_table("draft_approval")
    op.drop_table("clause_correction")

"""releases remember their bundled handbook

Revision 0003, after 0002.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "handbook_choice",
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("value", sa.String(length=64), nullable=False),
        sa.Column("take", sa.String(length=8), nullable=False),
        sa.Column("chosen_by", sa.String(length=64), nullable=False),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("entry", name=op.f("pk_handbook_choice")),
    )
    with op.batch_alter_table("draft_catalogue", schema=None) as batch_op:
        batch_op.add_column(sa.Column("bundle_digest", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("staff_digest", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("staff_bundle_digest", sa.String(length=64), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_draft_catalogue_staff_digest_kept_text"), "kept_text", ["staff_digest"], ["digest"]
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_draft_catalogue_bundle_digest_kept_text"), "kept_text", ["bundle_digest"], ["digest"]
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_draft_catalogue_staff_bundle_digest_kept_text"), "kept_text", ["staff_bundle_digest"], ["digest"]
        )

    with op.batch_alter_table("knowledge_release", schema=None) as batch_op:
        batch_op.add_column(sa.Column("bundle_digest", sa.String(length=64), nullable=True))

    # Until now every release stood on the bundled handbook that release 1 was founded on.
    op.execute(
        "UPDATE knowledge_release SET bundle_digest = (SELECT first.catalogue_digest FROM knowledge_release AS first "
        "WHERE first.number = (SELECT min(number) FROM knowledge_release))"
    )
    with op.batch_alter_table("knowledge_release", schema=None) as batch_op:
        batch_op.alter_column("bundle_digest", existing_type=sa.String(length=64), nullable=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_knowledge_release_bundle_digest_kept_text"), "kept_text", ["bundle_digest"], ["digest"]
        )


def downgrade() -> None:
    with op.batch_alter_table("knowledge_release", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_knowledge_release_bundle_digest_kept_text"), type_="foreignkey")
        batch_op.drop_column("bundle_digest")

    with op.batch_alter_table("draft_catalogue", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_draft_catalogue_staff_bundle_digest_kept_text"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_draft_catalogue_bundle_digest_kept_text"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_draft_catalogue_staff_digest_kept_text"), type_="foreignkey")
        batch_op.drop_column("staff_bundle_digest")
        batch_op.drop_column("staff_digest")
        batch_op.drop_column("bundle_digest")

    op.drop_table("handbook_choice")

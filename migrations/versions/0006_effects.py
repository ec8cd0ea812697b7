"""What a change did to how its service is rated."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("commitment", schema=None) as batch_op:
        batch_op.add_column(sa.Column("before_n", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("before_happy", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("after_n", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("after_happy", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("measured_on", sa.Date(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("commitment", schema=None) as batch_op:
        batch_op.drop_column("measured_on")
        batch_op.drop_column("after_happy")
        batch_op.drop_column("after_n")
        batch_op.drop_column("before_happy")
        batch_op.drop_column("before_n")

"""Ready to grow

Indexes for what is asked again and again, the words that the queue is searched by, the short codes of
fingerprints, and what processes count together. All of it is filled in by the program: an earlier version
that still runs beside goes on as before.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

INDEXES = (
    ("ix_cases_open_scan", "cases", ["open_scan"]),
    ("ix_cases_updated_at", "cases", ["updated_at"]),
    ("ix_deliveries_seq", "deliveries", ["seq"]),
    ("ix_links_scan_id", "links", ["scan_id"]),
    ("ix_paper_history_holder", "paper_history", ["holder"]),
    ("ix_scans_in_state", "scans", ["state", "created_at", "scan_id"]),
    ("ix_scans_created_at", "scans", ["created_at", "scan_id"]),
    ("ix_scans_verdict", "scans", ["verdict", "verdict_version"]),
    ("ix_scans_ended", "scans", [sa.text("coalesce(closed_at, created_at)")]),
)


def upgrade() -> None:
    served = op.get_bind().dialect.name == "postgresql"
    op.create_table(
        "case_words",
        sa.Column("word", sa.String(200, collation="C" if served else None), nullable=False),
        sa.Column("case_id", sa.String(200), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.case_id"], name=op.f("fk_case_words_case_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("word", "case_id", name=op.f("pk_case_words")),
    )
    op.create_index("ix_case_words_case_id", "case_words", ["case_id"])
    op.create_table(
        "figures",
        sa.Column("process", sa.String(100), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("label", sa.String(100), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("process", "name", "label", name=op.f("pk_figures")),
    )
    op.create_table(
        "rates",
        sa.Column("bucket", sa.String(64), nullable=False),
        sa.Column("period", sa.BigInteger(), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("bucket", "period", name=op.f("pk_rates")),
    )
    op.create_index("ix_rates_ends_at", "rates", ["ends_at"])
    op.add_column("fingerprints", sa.Column("code", sa.LargeBinary(), nullable=True))
    for name, table, columns in INDEXES:
        op.create_index(name, table, columns)

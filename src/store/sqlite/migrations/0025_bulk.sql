-- Bulk filings. Findings never repeat a value; what a file says is sealed, and erased piece by piece as it is handed on.
CREATE TABLE bulk_submissions (
    id              TEXT    NOT NULL PRIMARY KEY,
    client_id       TEXT    NOT NULL,
    idempotency_key BLOB    NOT NULL,
    due_at          INTEGER,
    version         INTEGER NOT NULL DEFAULT 0,
    office          BLOB,
    body            TEXT    NOT NULL
) STRICT;
CREATE UNIQUE INDEX bulk_submissions_by_key ON bulk_submissions (client_id, idempotency_key);
CREATE INDEX bulk_submissions_due ON bulk_submissions (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE bulk_pieces (
    bulk_id       TEXT    NOT NULL,
    no            INTEGER NOT NULL,
    first_line    INTEGER NOT NULL,
    lines         INTEGER NOT NULL,
    rejected      INTEGER NOT NULL,
    submission_id TEXT,
    content       BLOB,
    PRIMARY KEY (bulk_id, no)
) STRICT;
CREATE INDEX bulk_pieces_by_line ON bulk_pieces (bulk_id, first_line);

CREATE TABLE bulk_outcomes (
    bulk_id  TEXT    NOT NULL,
    line     INTEGER NOT NULL,
    findings TEXT    NOT NULL,
    PRIMARY KEY (bulk_id, line)
) STRICT;

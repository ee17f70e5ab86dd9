-- Bulk filings. Findings never repeat a value; what a file says is sealed, and erased piece by piece as it is handed on.
CREATE TABLE bulk_submissions (
    id              TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    client_id       TEXT COLLATE "C" NOT NULL,
    idempotency_key BYTEA   NOT NULL,
    due_at          BIGINT,
    version         BIGINT  NOT NULL DEFAULT 0,
    office          BYTEA,
    body            TEXT    NOT NULL
);
CREATE UNIQUE INDEX bulk_submissions_by_key ON bulk_submissions (client_id, idempotency_key);
CREATE INDEX bulk_submissions_due ON bulk_submissions (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE bulk_pieces (
    bulk_id       TEXT COLLATE "C" NOT NULL,
    no            BIGINT  NOT NULL,
    first_line    BIGINT  NOT NULL,
    lines         BIGINT  NOT NULL,
    rejected      BIGINT  NOT NULL,
    submission_id TEXT COLLATE "C",
    content       BYTEA,
    PRIMARY KEY (bulk_id, no)
);
CREATE INDEX bulk_pieces_by_line ON bulk_pieces (bulk_id, first_line);

CREATE TABLE bulk_outcomes (
    bulk_id  TEXT COLLATE "C" NOT NULL,
    line     BIGINT  NOT NULL,
    findings TEXT    NOT NULL,
    PRIMARY KEY (bulk_id, line)
);

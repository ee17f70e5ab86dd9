-- Drafts of filings. What one says is sealed; it is taken away when it is handed in.
CREATE TABLE submission_drafts (
    id              TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    client_id       TEXT COLLATE "C" NOT NULL,
    idempotency_key BYTEA   NOT NULL,
    tag             TEXT    NOT NULL,
    expires_at      BIGINT  NOT NULL,
    content         BYTEA   NOT NULL,
    body            TEXT    NOT NULL
);
CREATE UNIQUE INDEX submission_drafts_by_key ON submission_drafts (client_id, idempotency_key);
CREATE INDEX submission_drafts_by_client ON submission_drafts (client_id, expires_at);
CREATE INDEX submission_drafts_over ON submission_drafts (expires_at);

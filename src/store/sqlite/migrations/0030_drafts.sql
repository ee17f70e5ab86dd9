-- Drafts of filings. What one says is sealed; it is taken away when it is handed in.
CREATE TABLE submission_drafts (
    id              TEXT    NOT NULL PRIMARY KEY,
    client_id       TEXT    NOT NULL,
    idempotency_key BLOB    NOT NULL,
    tag             TEXT    NOT NULL,
    expires_at      INTEGER NOT NULL,
    content         BLOB    NOT NULL,
    body            TEXT    NOT NULL
) STRICT;
CREATE UNIQUE INDEX submission_drafts_by_key ON submission_drafts (client_id, idempotency_key);
CREATE INDEX submission_drafts_by_client ON submission_drafts (client_id, expires_at);
CREATE INDEX submission_drafts_over ON submission_drafts (expires_at);

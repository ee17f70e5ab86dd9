-- What agencies send to an account without a filing (電子送達): documents that hang on no filing. They name whose they are
-- and when they were heard of, which lists go by, and when they were over, which retention goes by. Only one worker lists
-- an account at a time.
CREATE TABLE submission_documents_next (
    id            TEXT    NOT NULL PRIMARY KEY,
    submission_id TEXT,
    delivery_id   TEXT,
    client_id     TEXT,
    reference     TEXT    NOT NULL,
    agency        TEXT    NOT NULL,
    announced_at  INTEGER,
    ended_at      INTEGER,
    due_at        INTEGER,
    lease_until   INTEGER NOT NULL DEFAULT 0,
    version       INTEGER NOT NULL DEFAULT 0,
    content       BLOB,
    body          TEXT    NOT NULL
) STRICT;
INSERT INTO submission_documents_next
        (id, submission_id, delivery_id, reference, agency, due_at, lease_until, version, content, body)
    SELECT id, submission_id, delivery_id, reference, agency, due_at, lease_until, version, content, body
    FROM submission_documents;
DROP TABLE submission_documents;
ALTER TABLE submission_documents_next RENAME TO submission_documents;
CREATE UNIQUE INDEX submission_documents_once ON submission_documents (delivery_id, reference);
CREATE UNIQUE INDEX submission_documents_sent_once ON submission_documents (agency, reference)
    WHERE client_id IS NOT NULL;
CREATE INDEX submission_documents_of ON submission_documents (submission_id, id);
CREATE INDEX submission_documents_due ON submission_documents (agency, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX submission_documents_of_client ON submission_documents (client_id, announced_at, id)
    WHERE client_id IS NOT NULL;
CREATE INDEX submission_documents_ended ON submission_documents (ended_at) WHERE ended_at IS NOT NULL;
CREATE TABLE agency_turns (
    agency TEXT    NOT NULL PRIMARY KEY,
    due_at INTEGER NOT NULL
) STRICT;

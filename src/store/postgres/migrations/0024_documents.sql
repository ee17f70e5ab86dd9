-- What agencies give back about filings. The content is sealed, and erased when its filer has it or its time is over.
CREATE TABLE submission_documents (
    id            TEXT    NOT NULL PRIMARY KEY,
    submission_id TEXT    NOT NULL,
    delivery_id   TEXT    NOT NULL,
    reference     TEXT    NOT NULL,
    agency        TEXT    NOT NULL,
    due_at        BIGINT,
    lease_until   BIGINT  NOT NULL DEFAULT 0,
    version       BIGINT  NOT NULL DEFAULT 0,
    content       BYTEA,
    body          TEXT    NOT NULL
);
CREATE UNIQUE INDEX submission_documents_once ON submission_documents (delivery_id, reference);
CREATE INDEX submission_documents_of ON submission_documents (submission_id, id);
CREATE INDEX submission_documents_due ON submission_documents (agency, due_at) WHERE due_at IS NOT NULL;

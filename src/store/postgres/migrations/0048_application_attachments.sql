-- Documents (添付書類) that go with applications, sealed each under a key of its own, and their bytes piece by piece. One goes
-- with one application, once; what goes with none is forgotten when it is due.
CREATE TABLE application_attachments (
    id             TEXT    NOT NULL PRIMARY KEY,
    client_id      TEXT    NOT NULL,
    subject_id     TEXT    NOT NULL,
    key            BYTEA    NOT NULL,
    application_id TEXT,
    is_ready       BIGINT NOT NULL DEFAULT 0,
    due_at         BIGINT,
    version        BIGINT NOT NULL DEFAULT 0,
    body           TEXT    NOT NULL,
    UNIQUE (client_id, subject_id, key)
);
CREATE INDEX application_attachments_by_application ON application_attachments (application_id)
    WHERE application_id IS NOT NULL;
CREATE INDEX application_attachments_by_due ON application_attachments (due_at) WHERE due_at IS NOT NULL;
CREATE TABLE application_attachment_pieces (
    attachment_id  TEXT    NOT NULL,
    number         BIGINT NOT NULL,
    content        TEXT    NOT NULL,
    PRIMARY KEY (attachment_id, number)
);

-- Drafts (下書き) of applications that software prepares for a person, sealed under that person's key; and a person's applications
-- by whatever software, for the person.
CREATE TABLE application_drafts (
    id         TEXT    NOT NULL PRIMARY KEY,
    client_id  TEXT    NOT NULL,
    subject_id TEXT    NOT NULL,
    key        BLOB    NOT NULL,
    tag        TEXT    NOT NULL,
    expires_at INTEGER NOT NULL,
    body       TEXT    NOT NULL,
    UNIQUE (client_id, subject_id, key)
) STRICT;
CREATE INDEX application_drafts_by_person ON application_drafts (subject_id, expires_at);
CREATE INDEX application_drafts_by_end ON application_drafts (expires_at);
CREATE INDEX applications_by_subject ON applications (subject_id, arrived_at, id);

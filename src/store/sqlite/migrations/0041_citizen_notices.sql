-- Notices (お知らせ) that agencies post to citizens, sealed under the citizen's key, with their files; how far each citizen's
-- list has places; and files of notices that an agency posts line by line.
CREATE TABLE citizen_notices (
    id              TEXT    NOT NULL PRIMARY KEY,
    client_id       TEXT    NOT NULL,
    subject_id      TEXT    NOT NULL,
    key             BLOB    NOT NULL,
    digest          BLOB    NOT NULL,
    posted_at       INTEGER NOT NULL,
    deliver_at      INTEGER NOT NULL,
    over_at         INTEGER NOT NULL,
    place           INTEGER,
    read_at         INTEGER,
    remind_at       INTEGER,
    body            TEXT    NOT NULL,
    UNIQUE (client_id, key)
) STRICT;
CREATE UNIQUE INDEX citizen_notices_by_subject ON citizen_notices (subject_id, place);
CREATE INDEX citizen_notices_by_client ON citizen_notices (client_id, posted_at, id);
CREATE INDEX citizen_notices_due ON citizen_notices (deliver_at) WHERE place IS NULL;
CREATE INDEX citizen_notices_by_reminder ON citizen_notices (remind_at) WHERE remind_at IS NOT NULL;
CREATE INDEX citizen_notices_by_end ON citizen_notices (over_at);

CREATE TABLE citizen_notice_files (
    notice_id       TEXT    NOT NULL,
    number          INTEGER NOT NULL,
    content         TEXT    NOT NULL,
    PRIMARY KEY (notice_id, number)
) STRICT;

CREATE TABLE citizen_notice_heads (
    subject_id      TEXT    NOT NULL PRIMARY KEY,
    last            INTEGER NOT NULL
) STRICT;

CREATE TABLE notice_bulks (
    id              TEXT    NOT NULL PRIMARY KEY,
    client_id       TEXT    NOT NULL,
    key             BLOB    NOT NULL,
    digest          BLOB    NOT NULL,
    created_at      INTEGER NOT NULL,
    bytes           INTEGER NOT NULL,
    lines           INTEGER NOT NULL,
    rejected        INTEGER NOT NULL,
    is_complete     INTEGER NOT NULL,
    UNIQUE (client_id, key)
) STRICT;
CREATE INDEX notice_bulks_by_age ON notice_bulks (created_at);

CREATE TABLE notice_bulk_rejections (
    bulk_id         TEXT    NOT NULL,
    line            INTEGER NOT NULL,
    body            TEXT    NOT NULL,
    PRIMARY KEY (bulk_id, line)
) STRICT;

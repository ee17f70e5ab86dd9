-- Notices (お知らせ) that agencies post to citizens, sealed under the citizen's key, with their files; how far each citizen's
-- list has places; and files of notices that an agency posts line by line.
CREATE TABLE citizen_notices (
    id              TEXT    NOT NULL PRIMARY KEY,
    client_id       TEXT    NOT NULL,
    subject_id      TEXT    NOT NULL,
    key             BYTEA   NOT NULL,
    digest          BYTEA   NOT NULL,
    posted_at       BIGINT  NOT NULL,
    deliver_at      BIGINT  NOT NULL,
    over_at         BIGINT  NOT NULL,
    place           BIGINT,
    read_at         BIGINT,
    remind_at       BIGINT,
    body            TEXT    NOT NULL,
    UNIQUE (client_id, key)
);
CREATE UNIQUE INDEX citizen_notices_by_subject ON citizen_notices (subject_id, place);
CREATE INDEX citizen_notices_by_client ON citizen_notices (client_id, posted_at, id);
CREATE INDEX citizen_notices_due ON citizen_notices (deliver_at) WHERE place IS NULL;
CREATE INDEX citizen_notices_by_reminder ON citizen_notices (remind_at) WHERE remind_at IS NOT NULL;
CREATE INDEX citizen_notices_by_end ON citizen_notices (over_at);

CREATE TABLE citizen_notice_files (
    notice_id       TEXT    NOT NULL,
    number          BIGINT  NOT NULL,
    content         TEXT    NOT NULL,
    PRIMARY KEY (notice_id, number)
);

CREATE TABLE citizen_notice_heads (
    subject_id      TEXT    NOT NULL PRIMARY KEY,
    last            BIGINT  NOT NULL
);

CREATE TABLE notice_bulks (
    id              TEXT    NOT NULL PRIMARY KEY,
    client_id       TEXT    NOT NULL,
    key             BYTEA   NOT NULL,
    digest          BYTEA   NOT NULL,
    created_at      BIGINT  NOT NULL,
    bytes           BIGINT  NOT NULL,
    lines           BIGINT  NOT NULL,
    rejected        BIGINT  NOT NULL,
    is_complete     BOOLEAN NOT NULL,
    UNIQUE (client_id, key)
);
CREATE INDEX notice_bulks_by_age ON notice_bulks (created_at);

CREATE TABLE notice_bulk_rejections (
    bulk_id         TEXT    NOT NULL,
    line            BIGINT  NOT NULL,
    body            TEXT    NOT NULL,
    PRIMARY KEY (bulk_id, line)
);

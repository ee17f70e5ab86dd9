-- Questions to citizens who answer away from the client (RFC 8628, CIBA). The state in the column counts. Digests stand
-- for the device_code or auth_req_id, and for the user code.
CREATE TABLE decoupled (
    id            TEXT   NOT NULL PRIMARY KEY,
    digest        BLOB   NOT NULL UNIQUE,
    user_code     BLOB   UNIQUE,
    client_id     TEXT   NOT NULL,
    subject_id    TEXT,
    state         TEXT   NOT NULL CHECK (state IN ('open', 'granted', 'refused', 'taken')),
    grant_id      TEXT,
    pace_millis   INTEGER NOT NULL,
    asked_at      INTEGER,
    expires_at    INTEGER NOT NULL,
    body          TEXT   NOT NULL,
    CHECK ((grant_id IS NOT NULL) = (state IN ('granted', 'taken'))),
    CHECK (subject_id IS NOT NULL OR state = 'open')
) STRICT;
CREATE INDEX decoupled_of_subject ON decoupled (subject_id, expires_at, id) WHERE state = 'open';
CREATE INDEX decoupled_over ON decoupled (expires_at);

-- Whom a pairwise subject stands for, where its client may name it again (CIBA's login_hint).
CREATE TABLE pairwise_subjects (
    sub        BLOB NOT NULL PRIMARY KEY,
    subject_id TEXT NOT NULL
) STRICT, WITHOUT ROWID;

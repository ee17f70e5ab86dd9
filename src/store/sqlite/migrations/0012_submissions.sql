-- Filings. The state in the column counts, not the one in the body; nothing personal is in either.
CREATE TABLE submissions (
    id              TEXT    NOT NULL PRIMARY KEY,
    client_id       TEXT    NOT NULL,
    idempotency_key BLOB    NOT NULL,
    state           TEXT    NOT NULL,
    accepted_at     INTEGER NOT NULL,
    body            TEXT    NOT NULL
) STRICT;
CREATE UNIQUE INDEX submissions_by_key ON submissions (client_id, idempotency_key);
CREATE INDEX submissions_of_client ON submissions (client_id, accepted_at DESC, id DESC);

-- The parts that go to agencies: the queue. The content is sealed, and erased once the agency has it.
CREATE TABLE submission_deliveries (
    id            TEXT    NOT NULL PRIMARY KEY,
    submission_id TEXT    NOT NULL,
    place         INTEGER NOT NULL,
    agency        TEXT    NOT NULL,
    state         TEXT    NOT NULL,
    lane          TEXT    NOT NULL CHECK (lane IN ('sends', 'looks', 'none')),
    turn          INTEGER NOT NULL,
    due_at        INTEGER,
    lease_until   INTEGER NOT NULL DEFAULT 0,
    is_parked     INTEGER NOT NULL DEFAULT 0,
    version       INTEGER NOT NULL DEFAULT 0,
    content       BLOB,
    body          TEXT    NOT NULL
) STRICT;
CREATE UNIQUE INDEX submission_deliveries_of ON submission_deliveries (submission_id, place);
CREATE INDEX submission_deliveries_sends ON submission_deliveries (agency, turn) WHERE lane = 'sends';
CREATE INDEX submission_deliveries_looks ON submission_deliveries (agency, due_at) WHERE lane = 'looks';
CREATE INDEX submission_deliveries_lent ON submission_deliveries (agency, lease_until) WHERE lease_until > 0;
CREATE INDEX submission_deliveries_parked ON submission_deliveries (id) WHERE is_parked = 1;

-- Whose turn it is at an agency: the last turn given to each filer, and, without a filer, the last one taken.
CREATE TABLE submission_turns (
    agency    TEXT    NOT NULL,
    client_id TEXT    NOT NULL,
    turn      INTEGER NOT NULL,
    PRIMARY KEY (agency, client_id)
) STRICT;

-- What changed, on one cursor. There is one writer, so places are taken in the order of commits.
CREATE TABLE submission_events (
    place     INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    client_id TEXT    NOT NULL,
    body      TEXT    NOT NULL
) STRICT;
CREATE INDEX submission_events_of_client ON submission_events (client_id, place);

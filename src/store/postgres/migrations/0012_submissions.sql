-- Filings. The state in the column counts, not the one in the body; nothing personal is in either.
CREATE TABLE submissions (
    id              TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    client_id       TEXT COLLATE "C" NOT NULL,
    idempotency_key BYTEA   NOT NULL,
    state           TEXT    NOT NULL,
    accepted_at     BIGINT  NOT NULL,
    body            TEXT    NOT NULL
);
CREATE UNIQUE INDEX submissions_by_key ON submissions (client_id, idempotency_key);
CREATE INDEX submissions_of_client ON submissions (client_id, accepted_at DESC, id DESC);

-- The parts that go to agencies: the queue. The content is sealed, and erased once the agency has it.
CREATE TABLE submission_deliveries (
    id            TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    submission_id TEXT COLLATE "C" NOT NULL,
    place         BIGINT  NOT NULL,
    agency        TEXT COLLATE "C" NOT NULL,
    state         TEXT    NOT NULL,
    lane          TEXT    NOT NULL CHECK (lane IN ('sends', 'looks', 'none')),
    turn          BIGINT  NOT NULL,
    due_at        BIGINT ,
    lease_until   BIGINT  NOT NULL DEFAULT 0,
    is_parked     BOOLEAN NOT NULL DEFAULT FALSE,
    version       BIGINT  NOT NULL DEFAULT 0,
    content       BYTEA,
    body          TEXT    NOT NULL
);
CREATE UNIQUE INDEX submission_deliveries_of ON submission_deliveries (submission_id, place);
CREATE INDEX submission_deliveries_sends ON submission_deliveries (agency, turn) WHERE lane = 'sends';
CREATE INDEX submission_deliveries_looks ON submission_deliveries (agency, due_at) WHERE lane = 'looks';
CREATE INDEX submission_deliveries_lent ON submission_deliveries (agency, lease_until) WHERE lease_until > 0;
CREATE INDEX submission_deliveries_parked ON submission_deliveries (id) WHERE is_parked;

-- Whose turn it is at an agency: the last turn given to each filer, and, without a filer, the last one taken.
CREATE TABLE submission_turns (
    agency    TEXT COLLATE "C" NOT NULL,
    client_id TEXT COLLATE "C" NOT NULL,
    turn      BIGINT  NOT NULL,
    PRIMARY KEY (agency, client_id)
);

-- What changed, on one cursor. Commits overtake each other, so a place is given afterwards, to what is committed, under
-- the lock of the one row below: a reader never goes past something that comes to be there later.
CREATE TABLE submission_events (
    id        BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    place     BIGINT,
    client_id TEXT COLLATE "C" NOT NULL,
    body      TEXT    NOT NULL
);
CREATE UNIQUE INDEX submission_events_placed ON submission_events (place) WHERE place IS NOT NULL;
CREATE INDEX submission_events_unplaced ON submission_events (id) WHERE place IS NULL;
CREATE INDEX submission_events_of_client ON submission_events (client_id, place) WHERE place IS NOT NULL;

CREATE TABLE submission_event_head (
    id   BIGINT  NOT NULL PRIMARY KEY CHECK (id = 1),
    last BIGINT  NOT NULL
);
INSERT INTO submission_event_head (id, last) VALUES (1, 0);

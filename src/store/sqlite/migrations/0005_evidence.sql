-- What is kept of an event whose commitment is in the log; erased on schedule.
CREATE TABLE evidence_records (
    receipt    TEXT    NOT NULL PRIMARY KEY,
    at         INTEGER NOT NULL,
    client_id  TEXT,
    subject_id TEXT,
    salt       BLOB    NOT NULL,
    body       TEXT    NOT NULL
) STRICT;
CREATE INDEX evidence_records_old ON evidence_records (at);

-- Leaves that wait for the log.
CREATE TABLE evidence_queue (
    number     INTEGER NOT NULL PRIMARY KEY,
    receipt    TEXT    NOT NULL,
    commitment BLOB    NOT NULL
) STRICT;

-- The log: nothing in these four tables is about anybody.
CREATE TABLE evidence_leaves (
    leaf_index INTEGER NOT NULL PRIMARY KEY,
    receipt    TEXT    NOT NULL UNIQUE,
    commitment BLOB    NOT NULL
) STRICT;

CREATE TABLE evidence_tiles (
    level      INTEGER NOT NULL,
    tile_index INTEGER NOT NULL,
    hashes     BLOB    NOT NULL,
    PRIMARY KEY (level, tile_index)
) STRICT;

CREATE TABLE evidence_checkpoints (
    size INTEGER NOT NULL PRIMARY KEY,
    at   INTEGER NOT NULL,
    note TEXT    NOT NULL
) STRICT;

-- One row: an append changes it from the size that it saw, so of two one fails.
CREATE TABLE evidence_head (
    id   INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    size INTEGER NOT NULL
) STRICT;
INSERT INTO evidence_head (id, size) VALUES (1, 0);

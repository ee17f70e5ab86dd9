-- What is kept of an event whose commitment is in the log; erased on schedule.
CREATE TABLE evidence_records (
    receipt    TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    at         BIGINT           NOT NULL,
    client_id  TEXT COLLATE "C",
    subject_id TEXT COLLATE "C",
    salt       BYTEA            NOT NULL,
    body       TEXT             NOT NULL
);
CREATE INDEX evidence_records_old ON evidence_records (at);

-- Leaves that wait for the log.
CREATE TABLE evidence_queue (
    number     BIGINT           GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    receipt    TEXT COLLATE "C" NOT NULL,
    commitment BYTEA            NOT NULL
);

-- The log: nothing in these four tables is about anybody.
CREATE TABLE evidence_leaves (
    leaf_index BIGINT           NOT NULL PRIMARY KEY,
    receipt    TEXT COLLATE "C" NOT NULL UNIQUE,
    commitment BYTEA            NOT NULL
);

CREATE TABLE evidence_tiles (
    level      BIGINT NOT NULL,
    tile_index BIGINT NOT NULL,
    hashes     BYTEA  NOT NULL,
    PRIMARY KEY (level, tile_index)
);

CREATE TABLE evidence_checkpoints (
    size BIGINT NOT NULL PRIMARY KEY,
    at   BIGINT NOT NULL,
    note TEXT   NOT NULL
);

-- One row: an append changes it from the size that it saw, so of two one fails.
CREATE TABLE evidence_head (
    id   BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    size BIGINT NOT NULL
);
INSERT INTO evidence_head (id, size) VALUES (1, 0);

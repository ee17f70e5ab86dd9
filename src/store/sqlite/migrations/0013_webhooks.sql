-- Where clients are told of what changed.
CREATE TABLE webhooks (
    client_id TEXT NOT NULL PRIMARY KEY,
    body      TEXT NOT NULL
) STRICT;

-- What they are still to be told; due never once it is given up.
CREATE TABLE webhook_messages (
    id         TEXT    NOT NULL PRIMARY KEY,
    client_id  TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    due_at     INTEGER,
    attempts   INTEGER NOT NULL DEFAULT 0,
    last       TEXT,
    body       TEXT    NOT NULL
) STRICT;
CREATE INDEX webhook_messages_due ON webhook_messages (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX webhook_messages_dead ON webhook_messages (client_id, id) WHERE due_at IS NULL;

-- Where clients are told of what changed.
CREATE TABLE webhooks (
    client_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    body      TEXT NOT NULL
);

-- What they are still to be told; due never once it is given up.
CREATE TABLE webhook_messages (
    id         TEXT COLLATE "C"    NOT NULL PRIMARY KEY,
    client_id  TEXT COLLATE "C"    NOT NULL,
    created_at BIGINT  NOT NULL,
    due_at     BIGINT ,
    attempts   BIGINT  NOT NULL DEFAULT 0,
    last       TEXT,
    body       TEXT    NOT NULL
);
CREATE INDEX webhook_messages_due ON webhook_messages (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX webhook_messages_dead ON webhook_messages (client_id, id) WHERE due_at IS NULL;

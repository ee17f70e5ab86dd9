-- With whom companies share what they deposited: until when, and what for.
CREATE TABLE deposit_shares (
    id         TEXT    NOT NULL PRIMARY KEY,
    deposit_id TEXT    NOT NULL,
    client_id  TEXT    NOT NULL,
    purpose    TEXT    NOT NULL,
    shared_by  TEXT    NOT NULL,
    shared_at  INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    ended_at   INTEGER
) STRICT;
-- Of two that are alike one stands.
CREATE UNIQUE INDEX deposit_shares_standing ON deposit_shares (deposit_id, client_id) WHERE ended_at IS NULL;
CREATE INDEX deposit_shares_of ON deposit_shares (deposit_id, shared_at, id);
CREATE INDEX deposit_shares_with ON deposit_shares (client_id, shared_at, id);

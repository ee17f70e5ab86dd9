-- Payments (公金決済) that agencies ask for, sealed each under a key of its own; who was handed over to pay; and what was taken.
CREATE TABLE payments (
    id              TEXT    NOT NULL PRIMARY KEY,
    client_id       TEXT    NOT NULL,
    key             BLOB    NOT NULL,
    link            BLOB    NOT NULL UNIQUE,
    state           TEXT    NOT NULL DEFAULT 'open',
    due_at          INTEGER NOT NULL,
    created_at      INTEGER NOT NULL,
    attempt         TEXT,
    settlement      TEXT,
    look_at         INTEGER,
    ended_at        INTEGER,
    version         INTEGER NOT NULL DEFAULT 0,
    body            TEXT    NOT NULL,
    UNIQUE (client_id, key)
) STRICT;
CREATE INDEX payments_by_client ON payments (client_id, created_at, id);
CREATE INDEX payments_by_client_end ON payments (client_id, state, ended_at);
CREATE INDEX payments_by_look ON payments (look_at) WHERE look_at IS NOT NULL;
CREATE INDEX payments_by_end ON payments (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE payment_attempts (
    id              TEXT    NOT NULL PRIMARY KEY,
    payment_id      TEXT    NOT NULL
) STRICT;
CREATE INDEX payment_attempts_of ON payment_attempts (payment_id);

CREATE TABLE payment_settlements (
    id              TEXT    NOT NULL PRIMARY KEY,
    payment_id      TEXT    NOT NULL,
    client_id       TEXT    NOT NULL,
    reference       TEXT    NOT NULL UNIQUE,
    day             TEXT    NOT NULL,
    way             TEXT    NOT NULL,
    kind            TEXT    NOT NULL,
    amount          INTEGER NOT NULL,
    recorded_at     INTEGER NOT NULL,
    place           INTEGER NOT NULL,
    body            TEXT    NOT NULL
) STRICT;
CREATE UNIQUE INDEX payment_settlements_by_client ON payment_settlements (client_id, place);
CREATE INDEX payment_settlements_by_day ON payment_settlements (client_id, day, place);
CREATE INDEX payment_settlements_by_sum ON payment_settlements (client_id, day, way, kind);
CREATE INDEX payment_settlements_of ON payment_settlements (payment_id);
-- The last place of each agency, held by whoever settles one of its payments until that is committed, so that places come in
-- order.
CREATE TABLE payment_heads (
    client_id       TEXT    NOT NULL PRIMARY KEY,
    last            INTEGER NOT NULL
) STRICT;

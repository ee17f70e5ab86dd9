-- Deposits: what is filed while its data stays in the company's cloud, sealed each under a key of its own; and who
-- referenced it.
CREATE TABLE deposits (
    id             TEXT    NOT NULL PRIMARY KEY,
    client_id      TEXT    NOT NULL,
    company        TEXT    NOT NULL,
    delegation_id  TEXT,
    agency         TEXT    NOT NULL,
    key            BLOB   NOT NULL,
    digest         BLOB   NOT NULL,
    declared_at    INTEGER NOT NULL,
    filed_at       INTEGER,
    submission_id  TEXT,
    place          INTEGER UNIQUE,
    withdrawn_at   INTEGER,
    over_at        INTEGER NOT NULL,
    outage_since   INTEGER,
    outage_because TEXT,
    body           TEXT    NOT NULL,
    filed          TEXT,
    pieces         TEXT,
    UNIQUE (client_id, key)
) STRICT;
CREATE INDEX deposits_by_client ON deposits (client_id, declared_at, id);
CREATE INDEX deposits_by_company ON deposits (company, declared_at, id) WHERE delegation_id IS NOT NULL;
CREATE INDEX deposits_by_agency ON deposits (agency, place);
CREATE INDEX deposits_by_end ON deposits (over_at);
-- One row: the last place, held by whoever files until that is committed, so that places come in order.
CREATE TABLE deposit_head (
    id   INTEGER NOT NULL PRIMARY KEY,
    last INTEGER NOT NULL
) STRICT;
INSERT INTO deposit_head (id, last) VALUES (1, 0);
CREATE TABLE deposit_references (
    id         TEXT    NOT NULL PRIMARY KEY,
    deposit_id TEXT    NOT NULL,
    client_id  TEXT    NOT NULL,
    purpose    TEXT    NOT NULL,
    first_byte INTEGER NOT NULL,
    last_byte  INTEGER NOT NULL,
    at         INTEGER NOT NULL,
    outcome    TEXT,
    sent       INTEGER,
    ended_at   INTEGER
) STRICT;
CREATE INDEX deposit_references_of ON deposit_references (deposit_id, at, id);

-- Disposition notices (処分通知) that agencies put down for companies, sealed each under a key of its own, with its content
-- where that is here.
CREATE TABLE disposition_notices (
    id              TEXT    NOT NULL PRIMARY KEY,
    client_id       TEXT    NOT NULL,
    agency          TEXT    NOT NULL,
    delivery_id     TEXT    NOT NULL,
    filer_id        TEXT    NOT NULL,
    company         TEXT    NOT NULL,
    delegation_id   TEXT,
    key             BLOB NOT NULL,
    digest          BLOB NOT NULL,
    put_at          INTEGER NOT NULL,
    delivered_at    INTEGER,
    superseded_by   TEXT,
    over_at         INTEGER NOT NULL,
    body            TEXT    NOT NULL,
    content         TEXT,
    UNIQUE (client_id, key)
) STRICT;
CREATE INDEX disposition_notices_by_filer ON disposition_notices (filer_id, put_at, id);
CREATE INDEX disposition_notices_by_company ON disposition_notices (company, put_at, id) WHERE delegation_id IS NOT NULL;
CREATE INDEX disposition_notices_by_agency ON disposition_notices (agency, put_at, id);
CREATE INDEX disposition_notices_by_end ON disposition_notices (over_at);

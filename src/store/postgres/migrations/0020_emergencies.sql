-- What operators asked for and opened in a disaster, with their signed statements. Nothing erases it.
CREATE TABLE emergencies (
    id           TEXT   NOT NULL PRIMARY KEY,
    client_id    TEXT   NOT NULL,
    requested_by TEXT   NOT NULL,
    request      TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    approved_by  TEXT,
    approval     TEXT,
    opened_at    BIGINT,
    CHECK ((approved_by IS NULL) = (approval IS NULL)),
    CHECK (approved_by IS NULL OR approved_by <> requested_by)
);
CREATE INDEX emergencies_newest ON emergencies (created_at DESC, id DESC);

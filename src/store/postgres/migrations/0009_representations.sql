-- That one person may act for another. The state in the columns counts, not the one in the body.
CREATE TABLE representations (
    id                TEXT    NOT NULL PRIMARY KEY,
    principal_id      TEXT    NOT NULL,
    representative_id TEXT    NOT NULL,
    kind              TEXT    NOT NULL,
    state             TEXT    NOT NULL CHECK (state IN ('active', 'frozen', 'ended')),
    changed_at        BIGINT ,
    ended_by          TEXT,
    created_at        BIGINT  NOT NULL,
    expires_at        BIGINT  NOT NULL,
    body              TEXT    NOT NULL,
    CHECK (principal_id <> representative_id),
    CHECK ((state = 'ended') = (ended_by IS NOT NULL)),
    CHECK (state = 'active' OR changed_at IS NOT NULL)
);
CREATE UNIQUE INDEX representations_standing ON representations (principal_id, representative_id, kind)
    WHERE state <> 'ended';
CREATE INDEX representations_of_principal ON representations (principal_id, created_at DESC, id DESC);
CREATE INDEX representations_of_representative ON representations (representative_id, created_at DESC, id DESC);

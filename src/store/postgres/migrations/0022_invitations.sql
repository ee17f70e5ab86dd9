-- By what people make others their representatives themselves. A code is kept as its digest alone.
CREATE TABLE invitations (
    id           TEXT    NOT NULL PRIMARY KEY,
    code         BYTEA   NOT NULL UNIQUE,
    principal_id TEXT    NOT NULL,
    state        TEXT    NOT NULL CHECK (state IN ('open', 'taken', 'withdrawn')),
    created_at   BIGINT  NOT NULL,
    expires_at   BIGINT  NOT NULL,
    changed_at   BIGINT,
    body         TEXT    NOT NULL
);
CREATE INDEX invitations_open ON invitations (principal_id, created_at DESC, id DESC) WHERE state = 'open';

-- What clients that are told of sign-outs were told of sign-ins: one row for each id_token's sid. The browser is the
-- digest of its secret; the code is that of the code by which the id_token is fetched.
CREATE TABLE sign_ins (
    id         TEXT    NOT NULL PRIMARY KEY,
    client_id  TEXT    NOT NULL,
    subject_id TEXT    NOT NULL,
    grant_id   TEXT    NOT NULL,
    browser    BLOB,
    code       BLOB,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX sign_ins_of_browser ON sign_ins (browser) WHERE browser IS NOT NULL;
CREATE UNIQUE INDEX sign_ins_by_code ON sign_ins (code) WHERE code IS NOT NULL;
CREATE INDEX sign_ins_of_grant ON sign_ins (grant_id);
CREATE INDEX sign_ins_over ON sign_ins (expires_at);

-- Sign-ins that ended, of which their client is still to be told.
CREATE TABLE logout_notices (
    sign_in_id TEXT    NOT NULL PRIMARY KEY,
    client_id  TEXT    NOT NULL,
    subject_id TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    due_at     INTEGER NOT NULL,
    attempts   INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX logout_notices_due ON logout_notices (due_at);

-- What clients that are told of sign-outs were told of sign-ins: one row for each id_token's sid. The browser is the
-- digest of its secret; the code is that of the code by which the id_token is fetched.
CREATE TABLE sign_ins (
    id         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    client_id  TEXT COLLATE "C" NOT NULL,
    subject_id TEXT COLLATE "C" NOT NULL,
    grant_id   TEXT COLLATE "C" NOT NULL,
    browser    BYTEA,
    code       BYTEA,
    expires_at BIGINT           NOT NULL
);
CREATE INDEX sign_ins_of_browser ON sign_ins (browser) WHERE browser IS NOT NULL;
CREATE UNIQUE INDEX sign_ins_by_code ON sign_ins (code) WHERE code IS NOT NULL;
CREATE INDEX sign_ins_of_grant ON sign_ins (grant_id);
CREATE INDEX sign_ins_over ON sign_ins (expires_at);

-- Sign-ins that ended, of which their client is still to be told.
CREATE TABLE logout_notices (
    sign_in_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    client_id  TEXT COLLATE "C" NOT NULL,
    subject_id TEXT COLLATE "C" NOT NULL,
    created_at BIGINT           NOT NULL,
    due_at     BIGINT           NOT NULL,
    attempts   BIGINT           NOT NULL DEFAULT 0
);
CREATE INDEX logout_notices_due ON logout_notices (due_at);

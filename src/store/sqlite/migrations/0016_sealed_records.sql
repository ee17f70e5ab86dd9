-- What is kept about persons is sealed: under the key of the consent (g_…) or, where it hangs on none, of the person
-- (s_…). A body that begins with '{' is of the time before. Destroying a key is one write here; a copy of the other tables
-- without this one holds nothing that can be read.
CREATE TABLE data_keys (
    id           TEXT    NOT NULL PRIMARY KEY,
    sealed       BLOB,
    destroyed_at INTEGER,
    CHECK ((sealed IS NULL) = (destroyed_at IS NOT NULL))
) STRICT;

-- Found by a keyed digest of the account; the account itself is in the sealed body. Rows of the time before are moved
-- when a store is opened.
ALTER TABLE subjects RENAME TO subjects_in_clear;
CREATE TABLE subjects (
    id      TEXT NOT NULL PRIMARY KEY,
    account BLOB NOT NULL UNIQUE,
    body    TEXT NOT NULL
) STRICT;

-- Whose key a row is under.
ALTER TABLE accesses ADD COLUMN grant_id TEXT;
ALTER TABLE evidence_records ADD COLUMN key_id TEXT;
CREATE INDEX accesses_of_grant ON accesses (grant_id);
CREATE INDEX evidence_records_of_key ON evidence_records (key_id);

-- What is still to be sealed.
CREATE INDEX grants_in_clear ON grants (id) WHERE substr(body, 1, 1) = '{' AND subject_id IS NOT NULL;
CREATE INDEX superseded_grants_in_clear ON superseded_grants (grant_id, at) WHERE substr(body, 1, 1) = '{';
CREATE INDEX requests_in_clear ON requests (id) WHERE substr(body, 1, 1) = '{';
CREATE INDEX accesses_in_clear ON accesses (id) WHERE substr(body, 1, 1) = '{';
CREATE INDEX representations_in_clear ON representations (id) WHERE substr(body, 1, 1) = '{';
CREATE INDEX evidence_records_in_clear ON evidence_records (receipt) WHERE substr(body, 1, 1) = '{' AND subject_id IS NOT NULL;

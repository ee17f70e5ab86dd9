-- With what citizens' accounts are linked (属性連携), each sealed under the citizen's key; and when an account was registered
-- (利用者登録).
CREATE TABLE links (
    id         TEXT    NOT NULL PRIMARY KEY,
    subject_id TEXT    NOT NULL,
    service    TEXT    NOT NULL,
    linked_at  INTEGER NOT NULL,
    version    INTEGER NOT NULL DEFAULT 0,
    body       TEXT    NOT NULL,
    UNIQUE (subject_id, service)
) STRICT;
CREATE TABLE account_registrations (
    subject_id    TEXT    NOT NULL PRIMARY KEY,
    registered_at INTEGER NOT NULL
) STRICT;

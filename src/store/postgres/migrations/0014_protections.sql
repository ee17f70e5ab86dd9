-- Who is under protection measures (支援措置), and which operator wrote it down.
CREATE TABLE protections (
    subject_id    TEXT   NOT NULL PRIMARY KEY,
    since         BIGINT NOT NULL,
    registered_by TEXT   NOT NULL
);

-- Requests for certificates of employment, sealed each under a key of its own; of the link and of the asker's own address
-- only digests.
CREATE TABLE certificate_requests (
    id         TEXT   NOT NULL PRIMARY KEY,
    client_id  TEXT   NOT NULL,
    link       BLOB   NOT NULL UNIQUE,
    answer     BLOB   UNIQUE,
    created_at INTEGER NOT NULL,
    version    INTEGER NOT NULL DEFAULT 0,
    body       TEXT   NOT NULL
) STRICT;
CREATE INDEX certificate_requests_by_client ON certificate_requests (client_id, created_at, id);
CREATE INDEX certificate_requests_by_age ON certificate_requests (created_at);

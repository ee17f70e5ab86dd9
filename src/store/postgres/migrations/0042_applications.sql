-- Applications (電子申請) of citizens to municipalities, sealed each under a key of its own.
CREATE TABLE applications (
    id           TEXT    NOT NULL PRIMARY KEY,
    client_id    TEXT    NOT NULL,
    subject_id   TEXT    NOT NULL,
    municipality TEXT    NOT NULL,
    key          BYTEA   NOT NULL,
    arrival      TEXT    NOT NULL UNIQUE,
    arrived_at   BIGINT  NOT NULL,
    place        BIGINT  NOT NULL DEFAULT 0,
    ended_at     BIGINT,
    readings     BIGINT  NOT NULL DEFAULT 0,
    read_at      BIGINT,
    version      BIGINT  NOT NULL DEFAULT 0,
    body         TEXT    NOT NULL,
    UNIQUE (client_id, subject_id, key)
);
CREATE INDEX applications_by_person ON applications (client_id, subject_id, arrived_at, id);
CREATE INDEX applications_by_municipality ON applications (municipality, place);
CREATE INDEX applications_by_end ON applications (ended_at) WHERE ended_at IS NOT NULL;
-- The last place of each municipality, held by whoever changes one of its applications until that is committed, so that
-- places come in order.
CREATE TABLE application_heads (
    municipality TEXT    NOT NULL PRIMARY KEY,
    last         BIGINT  NOT NULL
);
-- Which certificates of employment (就労証明書) go with which applications.
CREATE TABLE application_certificates (
    certificate_id TEXT NOT NULL,
    application_id TEXT NOT NULL,
    PRIMARY KEY (certificate_id, application_id)
);
CREATE INDEX application_certificates_of ON application_certificates (application_id);

-- How clients came to be registered; the client itself is in its own table.
CREATE TABLE registrations (
    client_id  TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    token      BYTEA,
    body       TEXT   NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX grants_of_client ON grants (client_id) WHERE state = 'active';

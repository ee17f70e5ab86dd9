-- How clients came to be registered; the client itself is in its own table.
CREATE TABLE registrations (
    client_id  TEXT    NOT NULL PRIMARY KEY,
    token      BLOB,
    body       TEXT    NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX grants_of_client ON grants (client_id) WHERE state = 'active';

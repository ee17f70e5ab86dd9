-- The last refresh token of each account at an agency, sealed: its account service gives a new one for each that is used.
CREATE TABLE agency_tokens (
    agency    TEXT    NOT NULL PRIMARY KEY,
    connected BLOB    NOT NULL,
    sealed    BLOB    NOT NULL,
    version   INTEGER NOT NULL
) STRICT;

-- How often each client called each operation, by day of Japan.
CREATE TABLE client_usage (
    client_id TEXT   NOT NULL,
    operation TEXT   NOT NULL,
    day       TEXT   NOT NULL,
    calls     INTEGER NOT NULL,
    PRIMARY KEY (client_id, operation, day)
) STRICT;
CREATE INDEX client_usage_by_day ON client_usage (day);

-- How often each client called each operation, by day of Japan.
CREATE TABLE client_usage (
    client_id TEXT   COLLATE "C" NOT NULL,
    operation TEXT   COLLATE "C" NOT NULL,
    day       TEXT   COLLATE "C" NOT NULL,
    calls     BIGINT NOT NULL,
    PRIMARY KEY (client_id, operation, day)
);
CREATE INDEX client_usage_by_day ON client_usage (day);

-- What persons did in months that are not published yet: whom under an HMAC, in which cell of which series.
CREATE TABLE statistics_facts (
    person  BYTEA NOT NULL,
    month   TEXT  COLLATE "C" NOT NULL,
    series  TEXT  COLLATE "C" NOT NULL,
    value_1 TEXT  COLLATE "C" NOT NULL,
    value_2 TEXT  COLLATE "C" NOT NULL,
    PRIMARY KEY (person, month, series, value_1, value_2)
);
CREATE INDEX statistics_facts_by_cell ON statistics_facts (month, series, value_1, value_2);
-- Months that are published.
CREATE TABLE statistics_releases (
    month TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    body  TEXT NOT NULL
);
-- Up to which place the applications to a municipality are counted.
ALTER TABLE application_heads ADD COLUMN counted BIGINT NOT NULL DEFAULT 0;
CREATE INDEX application_heads_uncounted ON application_heads (municipality COLLATE "C") WHERE counted < last;

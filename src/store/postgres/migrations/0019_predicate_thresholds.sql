-- Questions that are answered yes or no: which thresholds a party was told of a person's fact. Both keys are digests; who
-- reads them learns neither of whom nor by whom, neither of what nor of how much.
CREATE TABLE predicate_thresholds (
    line       BYTEA  NOT NULL,
    point      BYTEA  NOT NULL,
    kept_until BIGINT NOT NULL,
    PRIMARY KEY (line, point)
);
CREATE INDEX predicate_thresholds_over ON predicate_thresholds (kept_until);

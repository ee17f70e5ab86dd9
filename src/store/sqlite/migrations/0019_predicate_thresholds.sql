-- Questions that are answered yes or no: which thresholds a party was told of a person's fact. Both keys are digests; who
-- reads them learns neither of whom nor by whom, neither of what nor of how much.
CREATE TABLE predicate_thresholds (
    line       BLOB    NOT NULL,
    point      BLOB    NOT NULL,
    kept_until INTEGER NOT NULL,
    PRIMARY KEY (line, point)
) STRICT, WITHOUT ROWID;
CREATE INDEX predicate_thresholds_over ON predicate_thresholds (kept_until);

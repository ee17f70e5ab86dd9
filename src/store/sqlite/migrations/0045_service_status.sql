-- What the operator tells of the service: incidents and planned maintenance; and how its components stood, by day.
CREATE TABLE status_notices (
    id         TEXT   NOT NULL PRIMARY KEY,
    is_open    INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    version    INTEGER NOT NULL,
    body       TEXT   NOT NULL
) STRICT;
CREATE INDEX status_notices_by_change ON status_notices (changed_at, id);
CREATE INDEX status_notices_open ON status_notices (is_open, changed_at);

CREATE TABLE component_days (
    component TEXT   NOT NULL,
    day       TEXT   NOT NULL,
    worst     INTEGER NOT NULL,
    PRIMARY KEY (component, day)
) STRICT;
CREATE INDEX component_days_by_day ON component_days (day, component);

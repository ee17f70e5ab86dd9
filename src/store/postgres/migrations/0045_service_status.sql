-- What the operator tells of the service: incidents and planned maintenance; and how its components stood, by day.
CREATE TABLE status_notices (
    id         TEXT   COLLATE "C" NOT NULL PRIMARY KEY,
    is_open    BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    version    BIGINT NOT NULL,
    body       TEXT   NOT NULL
);
CREATE INDEX status_notices_by_change ON status_notices (changed_at, id);
CREATE INDEX status_notices_open ON status_notices (is_open, changed_at);

CREATE TABLE component_days (
    component TEXT   COLLATE "C" NOT NULL,
    day       TEXT   COLLATE "C" NOT NULL,
    worst     BIGINT NOT NULL,
    PRIMARY KEY (component, day)
);
CREATE INDEX component_days_by_day ON component_days (day, component);

-- A paused grant is active and more: it ends like any other, and nothing is retrieved under it.
ALTER TABLE grants ADD COLUMN paused_at INTEGER;

-- How often a consent was used in one of its spans (a day, a month, since it was agreed to).
CREATE TABLE consent_uses (
    grant_id   TEXT    NOT NULL,
    span       TEXT    NOT NULL,
    used       INTEGER NOT NULL CHECK (used > 0),
    kept_until INTEGER NOT NULL,
    PRIMARY KEY (grant_id, span)
) STRICT, WITHOUT ROWID;
CREATE INDEX consent_uses_over ON consent_uses (kept_until);

-- Earlier words of grants, as they stood before a newer decision took their place.
CREATE TABLE superseded_grants (
    grant_id TEXT   NOT NULL,
    at       INTEGER NOT NULL,
    body     TEXT   NOT NULL,
    PRIMARY KEY (grant_id, at)
) STRICT;

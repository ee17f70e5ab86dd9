-- Disasters (災害マスタ) that municipalities record: what an application names, and until when. Nothing of a person.
CREATE TABLE disasters (
    municipality TEXT    NOT NULL,
    code         TEXT    NOT NULL,
    version      INTEGER NOT NULL,
    closed_at    INTEGER,
    apply_until  TEXT,
    body         TEXT    NOT NULL,
    PRIMARY KEY (municipality, code)
) STRICT;

-- Times for interviews (面談枠) that municipalities open; of what one call published all are there or none. `procedures` are codes
-- between commas, `taken` counts the applications that hold a place. Nothing of a person is here.
CREATE TABLE interview_slots (
    id           TEXT    COLLATE "C" NOT NULL PRIMARY KEY,
    municipality TEXT    NOT NULL,
    key          BYTEA   NOT NULL,
    position     BIGINT  NOT NULL,
    request      BYTEA   NOT NULL,
    starts_at    BIGINT  NOT NULL,
    deadline     BIGINT  NOT NULL,
    procedures   TEXT    NOT NULL,
    capacity     BIGINT  NOT NULL,
    taken        BIGINT  NOT NULL DEFAULT 0,
    withdrawn_at BIGINT,
    slot         TEXT    NOT NULL,
    UNIQUE (municipality, key, position)
);
CREATE INDEX interview_slots_by_time ON interview_slots (municipality, starts_at, id);
-- In which slot an application holds a place, and when that begins.
ALTER TABLE applications ADD COLUMN interview_slot TEXT COLLATE "C";
CREATE INDEX applications_by_interview ON applications (interview_slot, id) WHERE interview_slot IS NOT NULL;
ALTER TABLE applications ADD COLUMN interview_at BIGINT;
CREATE INDEX applications_by_interview_time ON applications (municipality, interview_at, id) WHERE interview_at IS NOT NULL;

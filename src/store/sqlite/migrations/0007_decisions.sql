-- What the operator's rules decided: the question in codes, the answer, and the rules' digest, as JSON. Nothing of a person.
CREATE TABLE decisions (
    id   TEXT NOT NULL PRIMARY KEY,
    at   INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX decisions_over ON decisions (at);

-- For the review of all grants in force, by id.
CREATE INDEX grants_in_force ON grants (id) WHERE state = 'active' AND subject_id IS NOT NULL;

-- What was filed by a delegation, for the company that gave it.
ALTER TABLE submissions ADD COLUMN delegation_id TEXT;
CREATE INDEX submissions_of_delegation ON submissions (delegation_id, accepted_at DESC, id DESC)
    WHERE delegation_id IS NOT NULL;

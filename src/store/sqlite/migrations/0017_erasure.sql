-- Consents that have ended are erased by when they ended, with what hangs on them.
CREATE INDEX grants_ended ON grants (coalesce(revoked_at, expires_at)) WHERE subject_id IS NOT NULL;
CREATE INDEX grants_ended_of ON grants (subject_id, coalesce(revoked_at, expires_at)) WHERE subject_id IS NOT NULL;
CREATE INDEX requests_of_grant ON requests (grant_id);

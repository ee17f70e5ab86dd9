-- An office lets software file by a part of what a company delegated to it: a delegation that hangs on the office's.
ALTER TABLE delegations ADD COLUMN via_id TEXT;
CREATE INDEX delegations_via ON delegations (via_id, created_at DESC, id DESC);

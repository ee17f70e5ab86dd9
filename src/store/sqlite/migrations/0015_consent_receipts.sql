-- The leaves of one consent's changes are found again for its receipts.
ALTER TABLE evidence_records ADD COLUMN grant_id TEXT;
UPDATE evidence_records SET grant_id = json_extract(body, '$.grant') WHERE json_extract(body, '$.kind') = 'consent';
CREATE INDEX evidence_records_of_grant ON evidence_records (grant_id, at) WHERE grant_id IS NOT NULL;
-- Heads are thinned out by age.
CREATE INDEX evidence_checkpoints_old ON evidence_checkpoints (at);
-- Grants of a representation are listed by age.
DROP INDEX grants_of_representation;
CREATE INDEX grants_of_representation ON grants (representation_id, created_at, id) WHERE representation_id IS NOT NULL;

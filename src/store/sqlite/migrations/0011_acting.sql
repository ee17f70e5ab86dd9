-- A grant that a representative gave for another is held still and ended with the representation that it was given by.
ALTER TABLE grants ADD COLUMN representation_id TEXT;
ALTER TABLE grants ADD COLUMN held_at INTEGER;
CREATE INDEX grants_of_representation ON grants (representation_id) WHERE representation_id IS NOT NULL;
-- Why a representation is held still, and which operator changed it last.
ALTER TABLE representations ADD COLUMN frozen_for TEXT;
ALTER TABLE representations ADD COLUMN changed_by TEXT;

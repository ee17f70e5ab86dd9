-- The queue of notices carries what became of consents too: then the first column is the event's own id.
ALTER TABLE logout_notices ADD COLUMN event TEXT;
ALTER TABLE logout_notices ADD COLUMN grant_id TEXT;

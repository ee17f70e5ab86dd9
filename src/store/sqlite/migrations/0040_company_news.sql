-- What a company's own software is told: of the end of what waits for it, once, and of its offices' software.
ALTER TABLE disposition_notices ADD COLUMN warned_at INTEGER;
CREATE INDEX disposition_notices_to_warn ON disposition_notices (over_at)
    WHERE delivered_at IS NULL AND superseded_by IS NULL AND warned_at IS NULL;
ALTER TABLE deposits ADD COLUMN keep_until INTEGER;
ALTER TABLE deposits ADD COLUMN warned_at INTEGER;
CREATE INDEX deposits_to_warn ON deposits (keep_until)
    WHERE filed_at IS NOT NULL AND withdrawn_at IS NULL AND warned_at IS NULL;
CREATE INDEX clients_by_company ON clients (json_extract(body, '$.corporate_number'), id);

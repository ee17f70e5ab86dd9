-- The notice or the application that a payment is about, so that whoever reads that is shown it.
ALTER TABLE payments ADD COLUMN about TEXT;
CREATE INDEX payments_by_about ON payments (about, created_at, id) WHERE about IS NOT NULL;

-- A company holds a delegation still and lets it go on; the office lists those it holds.
ALTER TABLE delegations ADD COLUMN paused_at BIGINT;
CREATE INDEX delegations_to_client ON delegations (client_id, created_at DESC, id DESC);

-- From when on it is looked whether whoever gave a consent is to be reminded that it ends: thirty days before that, and afterwards
-- as the operator's rules say; nothing once they were.
ALTER TABLE grants ADD COLUMN remind_at BIGINT;
UPDATE grants SET remind_at = expires_at - 2592000000
    WHERE state = 'active' AND subject_id IS NOT NULL AND representation_id IS NULL AND expires_at - created_at > 172800000;
CREATE INDEX grants_to_remind ON grants (remind_at) WHERE remind_at IS NOT NULL;

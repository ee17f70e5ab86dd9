-- What is over is erased by its age: filings from their end, with what hangs on them.
ALTER TABLE submissions ADD COLUMN ended_at INTEGER;
ALTER TABLE submission_events ADD COLUMN submission_id TEXT;
UPDATE submission_events SET submission_id = json_extract(body, '$.submission');
CREATE INDEX submission_events_of ON submission_events (submission_id);
UPDATE submissions SET ended_at = coalesce(
        (SELECT max(json_extract(e.body, '$.at')) FROM submission_events e WHERE e.submission_id = submissions.id),
        accepted_at)
    WHERE state IN ('completed', 'returned', 'failed', 'cancelled');
CREATE INDEX submissions_ended ON submissions (ended_at) WHERE ended_at IS NOT NULL;

-- Bulk filings that are over, from when they were filed, or begun where they never were.
ALTER TABLE bulk_submissions ADD COLUMN kept_from INTEGER;
UPDATE bulk_submissions SET kept_from = coalesce(json_extract(body, '$.accepted_at'), json_extract(body, '$.created_at'))
    WHERE json_extract(body, '$.state') IN ('distributed', 'refused', 'cancelled', 'expired');
CREATE INDEX bulk_submissions_over ON bulk_submissions (kept_from) WHERE kept_from IS NOT NULL;

CREATE INDEX webhook_messages_old ON webhook_messages (created_at) WHERE due_at IS NULL;

ALTER TABLE sign_ins ADD COLUMN created_at INTEGER;
UPDATE sign_ins SET created_at = (SELECT created_at FROM grants WHERE grants.id = sign_ins.grant_id);
CREATE INDEX sign_ins_old ON sign_ins (created_at);

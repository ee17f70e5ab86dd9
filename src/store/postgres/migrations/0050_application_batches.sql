-- Applications that were handed in together for one life event (ライフイベント一括申請): all of them, or none.
ALTER TABLE applications ADD COLUMN batch_id TEXT;
CREATE INDEX applications_by_batch ON applications (batch_id) WHERE batch_id IS NOT NULL;

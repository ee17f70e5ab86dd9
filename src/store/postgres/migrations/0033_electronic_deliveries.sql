-- What agencies send to an account without a filing (電子送達): documents that hang on no filing. They name whose they are
-- and when they were heard of, which lists go by, and when they were over, which retention goes by. Only one worker lists
-- an account at a time.
ALTER TABLE submission_documents ALTER COLUMN submission_id DROP NOT NULL;
ALTER TABLE submission_documents ALTER COLUMN delivery_id DROP NOT NULL;
ALTER TABLE submission_documents ADD COLUMN client_id TEXT COLLATE "C";
ALTER TABLE submission_documents ADD COLUMN announced_at BIGINT;
ALTER TABLE submission_documents ADD COLUMN ended_at BIGINT;
CREATE UNIQUE INDEX submission_documents_sent_once ON submission_documents (agency, reference)
    WHERE client_id IS NOT NULL;
CREATE INDEX submission_documents_of_client ON submission_documents (client_id, announced_at, id)
    WHERE client_id IS NOT NULL;
CREATE INDEX submission_documents_ended ON submission_documents (ended_at) WHERE ended_at IS NOT NULL;
CREATE TABLE agency_turns (
    agency TEXT   NOT NULL PRIMARY KEY,
    due_at BIGINT NOT NULL
);

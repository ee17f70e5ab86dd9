-- Whether anything is due is asked of either lane.
CREATE INDEX submission_deliveries_due ON submission_deliveries (agency, lane, due_at) WHERE due_at IS NOT NULL;
-- A client that wants to be told no more leaves nothing behind.
CREATE INDEX webhook_messages_of_client ON webhook_messages (client_id);

-- A client that wants to be told no more leaves nothing behind.
CREATE INDEX webhook_messages_of_client ON webhook_messages (client_id);

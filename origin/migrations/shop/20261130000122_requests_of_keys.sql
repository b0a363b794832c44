-- no-transaction
-- By which `origin explain` finds what a request has claimed.
create index concurrently idempotency_keys_request on idempotency_keys (request_id);

-- By which revision of the edge's converters a key's answer was first carried down to the version of its
-- client; null for clients of the latest. A replay has to come out the same.
alter table idempotency_keys add column converter smallint;

-- The trace of what a push tells of, in which each of its tries shows.
alter table push_deliveries add column traceparent text;

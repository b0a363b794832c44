-- Only what was exchanged under a key can be given out once more, so only then it is kept.
alter table refresh_tokens drop constraint refresh_tokens_used_has_successor;
alter table refresh_tokens add constraint refresh_tokens_used_has_successor check (
    (used_at is null) = (successor is null) and (used_at is not null or sealed is null)) not valid;

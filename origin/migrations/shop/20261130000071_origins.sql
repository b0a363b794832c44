-- Where the edge sends requests, as it was set at run time: a row a change, of which the newest holds. The rows
-- before it say who changed what. Version 0 stands for the lists of the edge's own deployment; changes lock it,
-- so that they come one after the other. `pools` is an object: lists of origins by the names of their pools.
create table origins_changes (
    version bigint primary key,
    in_force boolean not null,
    pools jsonb not null,
    changed_at timestamptz,
    changed_by text,
    constraint origins_changes_by_somebody
        check (version = 0 or (changed_at is not null and changed_by is not null))
);

insert into origins_changes values (0, false, '{}', null, null);

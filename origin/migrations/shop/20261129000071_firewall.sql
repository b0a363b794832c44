-- Who is let in, as it was set at run time: a row a change, of which the newest holds. The rows before
-- it say who changed what. Version 0 stands for the edge's own configuration; changes lock it, so that
-- they come one after the other.
create table firewall_changes (
    version bigint primary key,
    in_force boolean not null,
    deny text[] not null,
    allow text[] not null,
    deny_countries text[] not null,
    allow_countries text[] not null,
    forced boolean not null,
    changed_at timestamptz,
    changed_by text,
    constraint firewall_changes_by_somebody
        check (version = 0 or (changed_at is not null and changed_by is not null))
);

insert into firewall_changes values (0, false, '{}', '{}', '{}', '{}', false, null, null);

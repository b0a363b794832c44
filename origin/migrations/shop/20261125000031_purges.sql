-- The purge consumer tells the edge of what changes from here on: copies that the edge has kept from
-- before live to the end of their lifetime.
insert into subscriptions (consumer, tick_id) select 'purge', max(id) from ticks;

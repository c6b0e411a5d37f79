--liquibase formatted sql

-- With several buckets each is a schema with tables of its own. One sequence counts the rows of all of them, so that ids are in the
-- order in which rows are made, and an id tells its bucket: the first one's are 1, 17, 33… if there are 16. How many there are is
-- fixed when the tables are made, so what this says changes from store to store.

--changeset agent-session-store:0015-buckets dbms:postgresql
--preconditions onFail:MARK_RAN
--precondition-sql-check expectedResult:t select ${buckets} > 1
alter table sessions
    alter column id drop identity,
    alter column id set default (nextval('public.store_row_ids') - 1) * ${buckets} + ${firstId};
alter table agent_contexts
    alter column id drop identity,
    alter column id set default (nextval('public.store_row_ids') - 1) * ${buckets} + ${firstId};
--rollback empty

--liquibase formatted sql

-- Old keys are found by the time at which they were made. An index of block ranges finds them for as long as none are removed: then new
-- keys take the blocks of those that are gone, and each range begins with the oldest that it ever had.

--changeset agent-session-store:0016-append-keys-created dbms:postgresql runInTransaction:false
drop index concurrently if exists idx_append_keys_created;
create index concurrently idx_append_keys_created on append_keys (created_at);
--rollback drop index idx_append_keys_created; create index idx_append_keys_created on append_keys using brin (created_at);

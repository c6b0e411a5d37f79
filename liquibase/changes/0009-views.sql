--liquibase formatted sql

-- What a model sees of a log that never changes. view_json names the first_seq of the log that it belongs to: for another one the
-- view is the whole log, so that a replica of an older version may replace the log. append_keys keeps the view that was answered.

--changeset agent-session-store:0009-views dbms:postgresql
alter table sessions add column last_view_no bigint not null default 0, add column view_json jsonb;
alter table append_keys add column view_json jsonb;
--rollback alter table sessions drop column last_view_no, drop column view_json; alter table append_keys drop column view_json;

--changeset agent-session-store:0009-views-h2 dbms:h2
alter table sessions add column last_view_no bigint not null default 0;
alter table sessions add column view_json character large object;
alter table append_keys add column view_json character large object;
--rollback alter table sessions drop column last_view_no; alter table sessions drop column view_json; alter table append_keys drop column view_json;

-- System and developer messages are rare and wanted with every part of a log that a model gets.

--changeset agent-session-store:0009-instructions dbms:postgresql runInTransaction:false
drop index if exists idx_instructions;
create index concurrently idx_instructions on messages (session_db_id, seq) where role in ('system', 'developer');
--rollback drop index idx_instructions;

--liquibase formatted sql

-- Where a session comes from that is a fork of another: its id, and the last message that was taken over.

--changeset agent-session-store:0010-forks dbms:postgresql
alter table sessions add column forked_from_json jsonb;
--rollback alter table sessions drop column forked_from_json;

--changeset agent-session-store:0010-forks-h2 dbms:h2
alter table sessions add column forked_from_json character large object;
--rollback alter table sessions drop column forked_from_json;

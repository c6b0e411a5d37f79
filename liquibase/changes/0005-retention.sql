--liquibase formatted sql

-- What a purge looks for. On PostgreSQL a session that is in use is not in it, so it costs an append nothing; and neither
-- is what was removed already and waits for its rows to go.

--changeset agent-session-store:0005-deleted-sessions dbms:postgresql
create index idx_deleted_sessions on sessions (deleted_at) where deleted_at is not null and tenant <> '~purged';
--rollback drop index idx_deleted_sessions;

--changeset agent-session-store:0005-deleted-sessions-h2 dbms:h2
create index idx_deleted_sessions on sessions (deleted_at);
--rollback drop index idx_deleted_sessions;

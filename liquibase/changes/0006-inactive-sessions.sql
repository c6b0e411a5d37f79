--liquibase formatted sql

-- Whether a session is deleted is said by deleted_at; is_active follows it, and only leads idx_active_sessions. Programs that
-- set it alone would put a session where no list and no clean-up looks: what they have left is mended here, and what they may
-- write later is found by an index that is as good as empty.

--changeset agent-session-store:0006-inactive-sessions
update sessions set is_active = true where not is_active and deleted_at is null;
--rollback empty

--changeset agent-session-store:0006-inactive-sessions-index dbms:postgresql
create index idx_inactive_sessions on sessions (last_activity) where not is_active and deleted_at is null;
--rollback drop index idx_inactive_sessions;

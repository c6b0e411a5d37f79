--liquibase formatted sql

-- Messages as agents have them: an id of their own, content in parts, fields that the store does not know, more roles. A message
-- without a role has the empty text there, so that a replica of an older version can still read it. All of it is quick but for the
-- look at the rows that are there, during which others read and write.

--changeset agent-session-store:0008-message-parts dbms:postgresql
alter table messages
    add column message_id varchar(255),
    add column parts_json jsonb,
    add column extra_json jsonb,
    drop constraint valid_role,
    drop constraint non_empty_content,
    add constraint valid_role check
        (role in ('user', 'assistant', 'system', 'tool', 'developer', 'function', 'model', '')) not valid,
    add constraint non_empty_content check
        (content is not null or coalesce(tool_calls, parts_json, extra_json) is not null) not valid;
--rollback alter table messages drop constraint valid_role, drop constraint non_empty_content, drop column message_id, drop column parts_json, drop column extra_json, add constraint valid_role check (role in ('user', 'assistant', 'system', 'tool')) not valid, add constraint non_empty_content check (coalesce(content <> '', tool_calls is not null)) not valid;

--changeset agent-session-store:0008-message-parts-validated dbms:postgresql
alter table messages validate constraint valid_role;
alter table messages validate constraint non_empty_content;
--rollback empty

--changeset agent-session-store:0008-message-ids dbms:postgresql runInTransaction:false
drop index if exists uq_messages_session_message_id;
create unique index concurrently uq_messages_session_message_id on messages (session_db_id, message_id)
    where message_id is not null;
--rollback drop index uq_messages_session_message_id;

--changeset agent-session-store:0008-message-parts-h2 dbms:h2
alter table messages add column message_id varchar(510);
alter table messages add column parts_json character large object;
alter table messages add column extra_json character large object;
alter table messages drop constraint valid_role;
alter table messages drop constraint non_empty_content;
-- not IN: H2 would compare by the session that changed the table, which is closed by the time of the first insert
alter table messages add constraint valid_role check (case role when 'user' then true when 'assistant' then true
    when 'system' then true when 'tool' then true when 'developer' then true when 'function' then true
    when 'model' then true when '' then true else false end);
alter table messages add constraint non_empty_content check
    (content is not null or tool_calls is not null or parts_json is not null or extra_json is not null);
create unique index uq_messages_session_message_id on messages (session_db_id, message_id);
--rollback drop index uq_messages_session_message_id; alter table messages drop constraint valid_role; alter table messages drop constraint non_empty_content; alter table messages drop column message_id; alter table messages drop column parts_json; alter table messages drop column extra_json; alter table messages add constraint valid_role check (case role when 'user' then true when 'assistant' then true when 'system' then true when 'tool' then true else false end); alter table messages add constraint non_empty_content check (coalesce(char_length(content) > 0, tool_calls is not null));

--liquibase formatted sql

-- Messages that are being written. Their text is here only for other replicas, and only while one of them may need it: it is not
-- logged, and a crash of the database may lose it. A message itself never depends on its draft.

--changeset agent-session-store:0014-drafts dbms:postgresql
create unlogged table drafts (
    -- a random number: one that is counted would begin anew after a crash
    id            bigint       primary key,
    session_db_id bigint       not null references sessions (id) on delete cascade,
    tenant        varchar(255) not null,
    message_id    varchar(255) not null,
    -- each writer has a number of its own, and what it writes is conditional on it
    draft_no      bigint       not null default 1,
    -- the replica that has the writer; null while there is none
    replica       varchar(64),
    -- code points that are in draft_pieces
    text_length   bigint       not null default 0,
    started_at    timestamptz  not null default now(),
    written_at    timestamptz  not null default now(),
    -- when another replica has last asked for the text
    wanted_at     timestamptz,
    constraint uq_drafts_session_message_id unique (session_db_id, message_id)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
create index idx_draft_tenant on drafts (tenant);
create unlogged table draft_pieces (
    draft_id    bigint not null references drafts (id) on delete cascade,
    from_offset bigint not null,
    text        text   not null,
    primary key (draft_id, from_offset)
);
--rollback drop table draft_pieces; drop table drafts;

--changeset agent-session-store:0014-drafts-h2 dbms:h2
create table drafts (
    id            bigint                      primary key,
    session_db_id bigint                      not null references sessions (id) on delete cascade,
    tenant        varchar(510)                not null,
    message_id    varchar(510)                not null,
    draft_no      bigint                      not null default 1,
    replica       varchar(64),
    text_length   bigint                      not null default 0,
    started_at    timestamp(6) with time zone not null default now(),
    written_at    timestamp(6) with time zone not null default now(),
    wanted_at     timestamp(6) with time zone,
    constraint uq_drafts_session_message_id unique (session_db_id, message_id)
);
create index idx_draft_tenant on drafts (tenant);
create table draft_pieces (
    draft_id    bigint                 not null references drafts (id) on delete cascade,
    from_offset bigint                 not null,
    text        character large object not null,
    primary key (draft_id, from_offset)
);
--rollback drop table draft_pieces; drop table drafts;

--liquibase formatted sql

-- What callers say of a session: whose it is, what it is called, labels, and when it expires. All of it is quick: the columns have
-- no default, so no row is written.

--changeset agent-session-store:0011-session-details dbms:postgresql
alter table sessions
    add column owner varchar(255),
    add column title varchar(500),
    add column labels_json jsonb,
    add column expires_at timestamptz;
--rollback alter table sessions drop column owner, drop column title, drop column labels_json, drop column expires_at;

--changeset agent-session-store:0011-session-details-h2 dbms:h2
alter table sessions add column owner varchar(510);
alter table sessions add column title varchar(1000);
alter table sessions add column labels_json character large object;
alter table sessions add column expires_at timestamp(6) with time zone;
create index idx_expiring_sessions on sessions (expires_at);
create index idx_session_owner on sessions (tenant, owner, last_activity, id);
create index idx_session_created on sessions (created_at);
--rollback drop index idx_session_created; drop index idx_session_owner; drop index idx_expiring_sessions; alter table sessions drop column owner; alter table sessions drop column title; alter table sessions drop column labels_json; alter table sessions drop column expires_at;

-- Sessions that nobody owns, and that do not expire, are not in the first two.

--changeset agent-session-store:0011-session-owner dbms:postgresql runInTransaction:false
drop index if exists idx_session_owner;
create index concurrently idx_session_owner on sessions (tenant, owner, last_activity, id) where owner is not null;
--rollback drop index idx_session_owner;

--changeset agent-session-store:0011-expiring-sessions dbms:postgresql runInTransaction:false
drop index if exists idx_expiring_sessions;
create index concurrently idx_expiring_sessions on sessions (expires_at)
    where expires_at is not null and deleted_at is null;
--rollback drop index idx_expiring_sessions;

-- A look at few blocks, and nothing to write for an append: times of creation grow with the table.

--changeset agent-session-store:0011-session-created dbms:postgresql runInTransaction:false
drop index if exists idx_session_created;
create index concurrently idx_session_created on sessions using brin (created_at);
--rollback drop index idx_session_created;

-- What sessions are found by that stays as it is while they are written to, so that an append does not pay for it. The terms are
-- hashes: of each label with its tenant, and of each one and two neighbouring characters of the title with it.

--changeset agent-session-store:0011-session-terms dbms:postgresql
create table session_terms (
    session_db_id bigint primary key references sessions (id) on delete cascade,
    tenant        varchar(255) not null,
    owner         varchar(255),
    folded_title  text         not null default '',
    terms         integer[]    not null default '{}'
);
create index idx_session_terms on session_terms using gin (terms) with (fastupdate = off);
create index idx_session_terms_owner on session_terms (tenant, owner, session_db_id);
--rollback drop table session_terms;

--changeset agent-session-store:0011-session-terms-h2 dbms:h2
create table session_terms (
    session_db_id bigint primary key references sessions (id) on delete cascade,
    tenant        varchar(510)           not null,
    owner         varchar(510),
    folded_title  character large object not null default '',
    -- H2 has no index for them
    terms         character large object not null default '{}'
);
create index idx_session_terms_owner on session_terms (tenant, owner, session_db_id);
--rollback drop table session_terms;

--liquibase formatted sql

-- One row for each Idempotency-Key that led to a write: what the first answer said, so that a retry can be told the same.

--changeset agent-session-store:0004-append-keys dbms:postgresql
create table append_keys (
    session_db_id   bigint       not null references sessions (id) on delete cascade,
    idempotency_key varchar(255) not null,
    fingerprint     varchar(64)  not null,
    first_seq       bigint,
    last_seq        bigint       not null,
    switch_no       bigint,
    -- the switch as it was answered: its row may be gone by the time of the retry
    switch_json     jsonb,
    created_at      timestamptz  not null default now(),
    primary key (session_db_id, idempotency_key)
);
create index idx_append_keys_created on append_keys using brin (created_at);
--rollback drop table append_keys;

--changeset agent-session-store:0004-append-keys-h2 dbms:h2
create table append_keys (
    session_db_id   bigint                      not null,
    idempotency_key varchar(510)                not null,
    fingerprint     varchar(64)                 not null,
    first_seq       bigint,
    last_seq        bigint                      not null,
    switch_no       bigint,
    switch_json     character large object,
    created_at      timestamp(6) with time zone not null default now(),
    primary key (session_db_id, idempotency_key),
    constraint fk_append_keys_session foreign key (session_db_id) references sessions (id) on delete cascade
);
create index idx_append_keys_created on append_keys (created_at);
--rollback drop table append_keys;

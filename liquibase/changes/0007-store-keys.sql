--liquibase formatted sql

-- Secrets of the store itself, made once, the same for all replicas. row-ids: what clients are shown instead of the ids of rows,
-- which count over all tenants (16 bytes in hexadecimal digits).

--changeset agent-session-store:0007-store-keys
create table store_keys (
    name varchar(64) not null,
    secret varchar(64) not null,
    constraint pk_store_keys primary key (name)
);
--rollback drop table store_keys;

--changeset agent-session-store:0007-row-ids-postgresql dbms:postgresql
insert into store_keys (name, secret) values ('row-ids', replace(cast(gen_random_uuid() as varchar), '-', ''));
--rollback delete from store_keys where name = 'row-ids';

--changeset agent-session-store:0007-row-ids-h2 dbms:h2
insert into store_keys (name, secret) values ('row-ids', replace(cast(random_uuid() as varchar), '-', ''));
--rollback delete from store_keys where name = 'row-ids';

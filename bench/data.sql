-- What the benchmark works on, written straight into the tables. Variables: sessions, messages (in each of those),
-- deep and long (messages of one session each), histories (sessions of 1,000 messages), idle
-- (sessions without any), searched (messages in sessions of 100). Of sessions that agents take turns in there are twice as many as sessions, of those that somebody
-- owns ten times as many.
begin;
-- The rows are right by construction; a foreign key looked up for each of them would only take time.
set local session_replication_role = replica;

-- No two were active at the same time: a list by activity would sort those that were.
insert into sessions (session_id, created_at, last_activity, last_message_at, last_seq)
select name, now() - interval '1 day', now() - row_number() over () * interval '1 ms', now(), messages
from (select 'bench-' || n, :messages from generate_series(1, :sessions) n
      union all values ('deep', :deep), ('long', :long)
      union all select 'agents-' || n, 0 from generate_series(1, 2 * :sessions) n
      union all select 'owned-' || n, 0 from generate_series(1, 10 * :sessions) n
      union all select 'idle-' || n, 0 from generate_series(1, :idle) n
      union all select 'stalled-' || n || '-1', 0 from generate_series(0, 99) n
      union all values ('fan-out-1', 0)
      union all select 'history-' || n, 1000 from generate_series(1, :histories) n
      union all select 'history-sql-' || n, 1000 from generate_series(1, :histories) n) s (name, messages);

-- A hundred each, in turn; as many have a label. The terms are as the service hashes them: 32 bits of a CRC-32C.
create function pg_temp.label_term(name text, value text) returns integer language sql immutable as $$
    select cast(crc & 2147483647 as integer) | case when crc > 2147483647 then -2147483648 else 0 end
    from crc32c(convert_to('default', 'UTF8') || '\x00' || convert_to('label', 'UTF8') || '\x00'
        || convert_to(name, 'UTF8') || '\x00' || convert_to(value, 'UTF8') || '\x00') crc $$;
update sessions set owner = 'owner-' || 1 + id % (:sessions / 10),
    labels_json = jsonb_build_object('team', 'team-' || 1 + id % (:sessions / 10)) where session_id like 'owned-%';
insert into session_terms (session_db_id, tenant, owner, terms)
select id, tenant, owner, array[pg_temp.label_term('team', labels_json ->> 'team')] from sessions where owner is not null;

insert into agent_contexts (session_db_id, current_agent, created_at, updated_at, switch_count)
select id, 'agent-0', now(), now(), 0 from sessions where session_id like 'agents-%';

-- Twenty switches each to look at, in other sessions than those that are written to.
insert into agent_contexts (session_db_id, current_agent, created_at, updated_at, switch_count)
select id, 'agent-20', now(), now(), 20 from sessions where session_id like 'bench-%';

insert into agent_switches (context_db_id, switch_no, from_agent, to_agent, switched_at, at_seq)
select c.id, n, 'agent-' || n - 1, 'agent-' || n, now(), 10 * n
from agent_contexts c cross join generate_series(1, 20) n where c.switch_count = 20;

update sessions set last_switch_no = 20 where session_id like 'bench-%';

-- By seq first: sessions that are written to at the same time lie mixed on the disk, so that a page is not one block.
insert into messages (session_db_id, seq, role, content, timestamp)
select s.id, g, case when g % 2 = 1 then 'user' else 'assistant' end,
    rpad('Message ' || g || ': ', 100, 'words that somebody or some model wrote, '),
    s.created_at + g * interval '10 ms'
from sessions s cross join lateral generate_series(1, s.last_seq) g
where s.session_id not in ('deep', 'long')
order by g, s.id;

insert into messages (session_db_id, seq, role, content, timestamp)
select s.id, g, case when g % 2 = 1 then 'user' else 'assistant' end,
    rpad('Message ' || g || ': ', 100, 'words that somebody or some model wrote, '),
    s.created_at + g * interval '10 ms'
from sessions s cross join lateral generate_series(1, s.last_seq) g
where s.session_id in ('deep', 'long');

-- What is searched: of each message 25 words of 50,000, some of which are frequent, as words are.
insert into sessions (session_id, created_at, last_activity, last_message_at, last_seq)
select 'searched-' || n, now() - interval '2 days', now() - interval '1 day', now() - interval '1 day', 100
from generate_series(1, :searched / 100) n;

create temporary table searched as
select s.id, seq, array(select distinct 'w' || floor(exp(random() * ln(50000)))::int
    from generate_series(1, 25) k where seq > 0) as words
from sessions s cross join generate_series(1, 100) seq where s.session_id like 'searched-%' order by seq, s.id;

insert into messages (session_db_id, seq, role, content, timestamp)
select id, seq, 'user', array_to_string(words, ' '), now() - interval '2 days' + seq * interval '10 min' from searched;

-- As the service writes them: with the two characters that stand for its default tenant.
insert into message_words (session_db_id, seq, tenant, timestamp, role, words)
select id, seq, 'default', now() - interval '2 days' + seq * interval '10 min', 'user',
    array_to_tsvector(array(select 'Ee' || word from unnest(words) word)) from searched;

-- There is no backlog: only what is written from here on is indexed while the rows run.
insert into search_state (session_db_id, first_seq, indexed_seq) select id, 1, last_seq from sessions;
commit;

vacuum analyze;
checkpoint;

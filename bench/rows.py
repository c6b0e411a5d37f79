"""
The rows of the table: each piece of work once over HTTP and once in SQL, side by side, over the data of data.sql.
README.md tells how to add one. The SQL is what a good program would send for the same work if it sent it for each
request by itself: one prepared statement, by the same indexes.
"""

from harness import drafts, fairness, replicas, scaling, search, tails, wakeups
from harness.loads import Copy, Http, Pgbench, Saves, StreamOut, WhilePurging
from harness.work import CACHE_OFF, MILLISECONDS, SECONDS, Over, Work

CONTENT, MESSAGE = tails.CONTENT, tails.MESSAGE

COLUMNS = "m.seq, m.role, m.content, m.timestamp, m.name, m.tool_call_id, m.tool_calls, m.token_count, m.metadata_json"

SESSION = "s.id, s.session_id, s.created_at, s.last_activity, s.is_active, s.deleted_at, s.metadata_json, s.first_seq, " \
          "s.last_seq, s.total_tokens, s.last_message_at, s.owner, s.title, s.labels_json, s.expires_at"

HEAD = "s.id, s.first_seq, s.last_seq, s.deleted_at"

ADVANCE = """
    update sessions s set last_seq = last_seq + 1, last_activity = now(), last_message_at = now(), is_active = true
    where tenant = 'default' and session_id = %s and deleted_at is null returning id, last_seq"""

INSERT = f"""
insert into messages (session_db_id, seq, role, content)
select id, last_seq, 'user', '{CONTENT}' from advanced returning seq, timestamp;
"""

APPEND = f"""
\\set session random(1, :sessions)
with advanced as ({ADVANCE % "'bench-' || :session"})
{INSERT}"""

APPEND_WITH_KEY = f"""
\\set session random(1, :sessions)
\\set key random(1, 1000000000000)
with advanced as ({ADVANCE % "'bench-' || :session"}),
kept as (
    insert into append_keys (session_db_id, idempotency_key, fingerprint, first_seq, last_seq)
    select id, 'key-' || :key, repeat('f', 64), last_seq, last_seq from advanced)
{INSERT}"""

# What the service has to do as well: read what is stored, to know that it is the beginning of what was sent, and append.
SAVE_HISTORY = f"""
\\set session random(1, :histories)
select {COLUMNS} from sessions s join messages m on m.session_db_id = s.id
where s.tenant = 'default' and s.session_id = 'history-sql-' || :session order by m.seq;
with advanced as ({ADVANCE % "'history-sql-' || :session"})
{INSERT}"""

# What a turn has to look at before it writes: the session's row, under a lock, and who holds the session.
TURN = """
\\set session random(1, 2 * :sessions)
\\set agent random(1, 9)
begin;
select id, last_seq + {messages} as last_seq, last_switch_no + 1 as last_switch_no from sessions
where tenant = 'default' and session_id = 'agents-' || :session and deleted_at is null for no key update \\gset
select id as context, current_agent from agent_contexts where session_db_id = :id \\gset
with session as (
    update sessions set last_seq = :last_seq, last_switch_no = :last_switch_no, last_activity = now(),
        last_message_at = now(), is_active = true where id = :id),
message as (
    insert into messages (session_db_id, seq, role, content)
    select :id, :last_seq - {messages} + n, 'user', '{content}' from generate_series(1, {messages}) n),
context as (
    update agent_contexts set current_agent = 'agent-' || :agent, switch_count = switch_count + 1, updated_at = now()
    where id = :context)
insert into agent_switches (context_db_id, switch_no, at_seq, from_agent, to_agent, switched_at)
values (:context, :last_switch_no, :last_seq, :current_agent, 'agent-' || :agent, now());
commit;
"""

CONTEXT = """
\\set session random(1, 2 * :sessions)
\\set agent random(1, 9)
with session as (
    update sessions set last_activity = now(), is_active = true
    where tenant = 'default' and session_id = 'agents-' || :session and deleted_at is null returning id)
insert into agent_contexts (session_db_id, current_agent, created_at, updated_at)
select id, 'agent-' || :agent, now(), now() from session
on conflict (session_db_id) do update set current_agent = excluded.current_agent, updated_at = now()
returning id, current_agent, switch_count, created_at, updated_at, metadata_json;
"""

NEW_SESSION = """
\\set n random(1, 1000000000000)
insert into sessions (session_id, metadata_json) values ('new-sql-' || :n, '{"title": "A new session"}')
on conflict do nothing returning id, created_at;
"""

PATCH = f"""
\\set session random(1, :sessions)
update sessions s set metadata_json = '{{"title": "Another title"}}', last_activity = now(), is_active = true
where tenant = 'default' and session_id = 'bench-' || :session and deleted_at is null returning {SESSION};
"""

# A history that nobody has stored yet: there is nothing to compare.
SHORT_HISTORY = f"""
\\set n random(1, 1000000000000)
with session as (
    insert into sessions (session_id, last_seq, last_message_at) values ('short-sql-' || :n, 2, now())
    on conflict do nothing returning id)
insert into messages (session_db_id, seq, role, content) select id, n, 'user', '{CONTENT}' from session, generate_series(1, 2) n;
"""

READ_CONTEXT = """
\\set session random(1, :sessions)
select c.id, s.session_id, c.current_agent, c.switch_count, c.metadata_json, c.created_at, c.updated_at, (
    select switched_at from agent_switches w where w.context_db_id = c.id order by switch_no desc limit 1)
from agent_contexts c join sessions s on s.id = c.session_db_id
where s.tenant = 'default' and s.session_id = 'bench-' || :session and s.deleted_at is null;
"""

READ_SWITCHES = """
\\set session random(1, :sessions)
select switch_no, from_agent, to_agent, switched_at, reason, metadata_json, at_seq from agent_switches
where context_db_id = (
    select c.id from agent_contexts c join sessions s on s.id = c.session_db_id
    where s.tenant = 'default' and s.session_id = 'bench-' || :session and s.deleted_at is null)
order by switch_no desc limit 20;
"""

LIST = f"""
select {SESSION} from sessions s where is_active and deleted_at is null and tenant = 'default'
order by last_activity desc, id desc limit 20;
"""

LIST_OF_OWNER = f"""
\\set owner random(1, :sessions / 10)
select {SESSION} from sessions s where tenant = 'default' and owner = 'owner-' || :owner and deleted_at is null
order by last_activity desc, id desc limit 20;
"""

# By the same terms, which pgbench cannot hash: it takes those of a session that has the label.
LIST_OF_LABEL = f"""
\\set team random(1, :sessions / 10)
select {SESSION} from sessions s where tenant = 'default' and deleted_at is null
    and labels_json @> jsonb_build_object('team', 'team-' || :team) and id in (
        select session_db_id from session_terms where terms @> array(
            select terms[1] from session_terms where tenant = 'default' and owner = 'owner-' || :team limit 1))
order by last_activity desc, id desc limit 20;
"""

# Two words that are neither rare nor frequent, newest first.
SEARCH = """
\\set one random(100, 999)
\\set other random(100, 999)
select w.session_db_id, s.session_id, s.title, w.seq, w.timestamp, m.content
from message_words w join sessions s on s.id = w.session_db_id and w.seq between s.first_seq and s.last_seq
join messages m on m.session_db_id = w.session_db_id and m.seq = w.seq
where w.tenant = 'default' and s.tenant = 'default' and s.deleted_at is null
    and w.words @@ cast('''Eew' || :one || ''' & ''Eew' || :other || '''' as tsquery)
order by w.timestamp desc, w.session_db_id desc, w.seq desc limit 20;
"""

ONE_SESSION = f"""
\\set session random(1, :sessions)
select {SESSION} from sessions s where s.tenant = 'default' and s.session_id = 'bench-' || :session;
"""


def page(session, variables, low, high):
    """A page in SQL: the session's row and a range of seq, in one statement."""
    return Pgbench(f"""{variables}
select {HEAD}, {COLUMNS} from sessions s cross join lateral (
    select * from messages m where m.session_db_id = s.id and m.seq between {low} and {high} order by m.seq) m
where s.tenant = 'default' and s.session_id = {session} and s.deleted_at is null;
""")


def is_page(answer):
    return len(answer["data"]) == 20


def is_context(answer):
    return len(answer["messages"]) == 20


def rows(data):
    some = f"/v1/sessions/bench-<1-{data.sessions}>"
    start = data.messages - 20
    # pages are read where the cache holds all of it, and with no cache at all, so that each one comes from PostgreSQL
    both = [Over(32, label="warm"), Over(128, label="warm"), Over(32, CACHE_OFF, "cold"), Over(128, CACHE_OFF, "cold")]
    few = [Over(32, label="warm"), Over(32, CACHE_OFF, "cold")]
    return [
        Work("page of 20 by keyset",
             Http("GET", f"{some}/messages?after=<0-{start}>&limit=20", check=is_page),
             page("'bench-' || :session",
                  f"\\set session random(1, :sessions)\n\\set after random(0, {start})", ":after + 1", ":after + 20"), both),
        Work("page of 20 by keyset, start of a long session",
             Http("GET", "/v1/sessions/deep/messages?after=<0-999>&limit=20", check=is_page),
             page("'deep'", "\\set after random(0, 999)", ":after + 1", ":after + 20"), few),
        Work("page of 20 by keyset, at depth 100,000",
             Http("GET", "/v1/sessions/deep/messages?after=<100000-100999>&limit=20", check=is_page),
             page("'deep'", "\\set after random(100000, 100999)", ":after + 1", ":after + 20"), few),
        Work("numbered page of 20",
             Http("GET", f"{some}/messages?page=<1-{data.messages // 20}>&page_size=20", check=is_page),
             page("'bench-' || :session",
                  f"\\set session random(1, :sessions)\n\\set page random(1, {data.messages // 20})",
                  "s.first_seq + (:page - 1) * 20", "s.first_seq + :page * 20 - 1"), both),
        Work("numbered page of 20, start of a long session",
             Http("GET", "/v1/sessions/deep/messages?page=<1-50>&page_size=20", check=is_page),
             page("'deep'", "\\set page random(1, 50)",
                  "s.first_seq + (:page - 1) * 20", "s.first_seq + :page * 20 - 1"), few),
        Work("numbered page of 20, at depth 100,000",
             Http("GET", "/v1/sessions/deep/messages?page=<5001-5050>&page_size=20", check=is_page),
             page("'deep'", "\\set page random(5001, 5050)",
                  "s.first_seq + (:page - 1) * 20", "s.first_seq + :page * 20 - 1"), few),
        # beside the page of as many messages, which a caller would have to take in place of it
        Work("what fits a model, 20 messages", Http("GET", f"{some}/context?max_messages=20", check=is_context),
             page("'bench-' || :session",
                  f"\\set session random(1, :sessions)\n\\set after random(0, {start})", ":after + 1", ":after + 20"), few),
        Work("what fits a model, 20 messages of a long session",
             Http("GET", "/v1/sessions/deep/context?max_messages=20", check=is_context),
             page("'deep'", "\\set after random(100000, 100999)", ":after + 1", ":after + 20"), few),
        Work("stats of a session", Http("GET", f"{some}/stats", check=lambda stats: stats["message_count"] > 0),
             Pgbench(ONE_SESSION), [Over(32)]),
        Work("one session", Http("GET", some, check=lambda session: session["last_seq"] > 0),
             Pgbench(ONE_SESSION), [Over(32)]),
        Work(f"NDJSON of {data.long:,} messages", StreamOut("long", data.long),
             Copy(f"""select {COLUMNS} from messages m
                  where session_db_id = (select id from sessions where tenant = 'default' and session_id = 'long')
                  order by seq""", data.long), [Over(1, label="warm"), Over(1, CACHE_OFF, "cold")], SECONDS),
        Work("append of one message", Http("POST", f"{some}/messages", MESSAGE),
             Pgbench(APPEND), [Over(1), Over(64), Over(256)]),
        Work("append with Idempotency-Key",
             Http("POST", f"{some}/messages", MESSAGE, ["Idempotency-Key: key-<1-1000000000000>"]),
             Pgbench(APPEND_WITH_KEY), [Over(64)]),
        *agents(data),
        Work("one more message by PUT …/history of 1,000", Saves(data.histories), Pgbench(SAVE_HISTORY),
             [Over(1)], MILLISECONDS),
        Work(f"append while {data.long:,} messages are purged",
             WhilePurging(Http("POST", f"{some}/messages", MESSAGE), data.long), Pgbench(APPEND), [Over(64)]),
    ]


def agents(data):
    """What changes sessions beside appends, and what is read of them beside messages."""
    some = f"/v1/sessions/bench-<1-{data.sessions}>"
    agents = f"/v1/sessions/agents-<1-{2 * data.sessions}>"

    def turns(messages):
        body = f'{{"messages":[{",".join([MESSAGE] * messages)}],"agent_switch":{{"to_agent":"agent-<1-9>"}}}}'
        return Http("POST", f"{agents}/turns", body), Pgbench(TURN.format(messages=messages, content=CONTENT))

    return [
        Work("turn of one message and a switch", *turns(1), [Over(1), Over(64)]),
        Work("turn of two messages and a switch", *turns(2), [Over(64)]),
        Work("saved agent context", Http("PUT", f"{agents}/agent-context", '{"current_agent":"agent-<1-9>"}'),
             Pgbench(CONTEXT), [Over(1), Over(64)]),
        Work("new session", Http("POST", "/v1/sessions", '{"metadata":{"title":"A new session"}}'),
             Pgbench(NEW_SESSION), [Over(1), Over(64)]),
        Work("metadata by PATCH", Http("PATCH", some, '{"metadata":{"title":"Another title"}}'),
             Pgbench(PATCH), [Over(1), Over(64)]),
        Work("history of two new messages",
             Http("PUT", "/v1/sessions/short-<1-1000000000000>/history", f'{{"messages":[{MESSAGE},{MESSAGE}]}}'),
             Pgbench(SHORT_HISTORY), [Over(1), Over(64)]),
        Work("agent context", Http("GET", f"{some}/agent-context", check=lambda context: context["switch_count"] == 20),
             Pgbench(READ_CONTEXT), [Over(32)]),
        Work("newest switches", Http("GET", f"{some}/agent-switches?limit=20", check=is_page),
             Pgbench(READ_SWITCHES), [Over(32)]),
        Work("list of 20 sessions", Http("GET", "/v1/sessions?limit=20", check=is_page), Pgbench(LIST), [Over(32)]),
        Work("list of 20 sessions of an owner",
             Http("GET", f"/v1/sessions?owner=owner-<1-{data.sessions // 10}>&limit=20", check=is_page),
             Pgbench(LIST_OF_OWNER), [Over(32)]),
        Work("list of 20 sessions with a label",
             Http("GET", f"/v1/sessions?label=team:team-<1-{data.sessions // 10}>&limit=20", check=is_page),
             Pgbench(LIST_OF_LABEL), [Over(32)]),
        Work("search for two words", Http("GET", "/v1/search?q=w<100-999>+w<100-999>", check=lambda page: "data" in page),
             Pgbench(SEARCH), [Over(1), Over(16)]),
        Work("search for a frequent word",
             Http("GET", "/v1/search?q=w1", check=is_page), Pgbench(SEARCH.replace(":one", "1").replace(":other", "1")),
             [Over(1)]),
    ]


def trials(data, quick):
    """The rows of the second table: they have no counterpart in SQL, but one without tails, or a target."""
    few = 10 if quick else 1
    fan_out = 2000 // few
    return [
        tails.Appends(1000 // few, data.sessions),
        tails.DeliveryCost(f"one session to {fan_out:,} tails", "fan-out-1", "idle-1",
                           tails.tails("fan-out", 1, fan_out), 1, 10),
        tails.DeliveryCost(f"{data.sessions:,} sessions to one tail each", "bench-{}", "idle-{}",
                           tails.tails("bench", data.sessions, data.sessions), data.sessions, 2000 // few),
        tails.DeliveryLatency(data.sessions),
        wakeups.WakeUps(data.sessions),
        scaling.Scaling(data.sessions, data.messages),
        *fairness.trials(),
        search.Appends(data.sessions),
        drafts.Appends(data.sessions, 1000 // few, 50),
        drafts.DeliveryCost(data.sessions // few, 2),
        drafts.Latency(20),
        replicas.IdleTails(data.idle, 1 if quick else 2),
        replicas.StalledReaders(500 // few, 20_000 // few),
        replicas.Shutdown(3000 // few, data.sessions),
    ]

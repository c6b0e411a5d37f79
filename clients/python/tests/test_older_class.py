import inspect
import unittest

from agent_session_store import Database

OLDER = """
save_session(session_id, messages, last_activity)
load_session(session_id)
delete_session(session_id, soft=True)
list_all_sessions(include_deleted=False)
get_messages_paginated(session_id, page=1, page_size=50)
get_session_stats(session_id)
save_agent_context(session_id, current_agent, agent_history, metadata, created_at, last_switch_at, switch_count)
load_agent_context(session_id)
delete_agent_context(session_id)
list_all_contexts()
get_agent_switch_history(session_id, limit=100)
cleanup_old_sessions(max_age_hours=24)
hard_delete_old_sessions(days_old=30)
session_scope()
"""


class OlderClassTest(unittest.TestCase):

    def test_every_method_takes_what_it_took(self):
        for line in OLDER.split("\n")[1:-1]:
            signature = inspect.signature(getattr(Database(), line.partition("(")[0]))
            plain = [parameter.replace(annotation=parameter.empty) for parameter in signature.parameters.values()]
            self.assertEqual(line.partition("(")[2], str(inspect.Signature(plain))[1:])

    def test_the_url_may_be_left_out(self):
        self.assertEqual("http://127.0.0.1:8080", Database().db_url)


if __name__ == "__main__":
    unittest.main()

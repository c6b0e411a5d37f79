import unittest
from datetime import datetime, timedelta

from agent_session_store import AgentConflict, AgentContextNotFound, SessionDeleted

from .proxy import Proxy
from .service import StoreTestCase

NOON = datetime(2026, 1, 31, 12, 0, 0, 250000)
HELLO = [{"role": "user", "content": "hello"}]


def switches(*agents):
    """The history of handing over from one to the next, a minute apart, as older code has it."""
    return [{"from": before, "to": to, "reason": "to " + to, "timestamp": (NOON + timedelta(minutes=i)).isoformat()}
            for i, (before, to) in enumerate(zip((None,) + agents, agents))]


class AgentContextTest(StoreTestCase):

    def save(self, history, session_id=None, **changes):
        context = {"current_agent": "coder", "metadata": {"project": "p1"}, "created_at": NOON, "last_switch_at": NOON,
                   "switch_count": len(history), **changes}
        self.db.save_agent_context(session_id or self.id, agent_history=history, **context)

    def test_a_saved_context_loads_as_the_older_class_gave_it(self):
        history = switches("orchestrator", "coder")
        self.db.save_session(self.id, HELLO, NOON)
        self.assertIsNone(self.db.save_agent_context(self.id, "coder", history, {"project": "p1"}, NOON, NOON, 1))
        self.assertEqual({
            "session_id": self.id,
            "current_agent": "coder",
            "agent_history": history,
            "metadata": {"project": "p1"},
            "created_at": NOON,
            "last_switch_at": NOON + timedelta(minutes=1),
            "switch_count": 1,
        }, self.db.load_agent_context(self.id))

    def test_a_longer_history_is_appended_to_and_a_different_one_replaces(self):
        self.save(switches("orchestrator", "coder"))
        self.save(switches("orchestrator", "coder", "tester"))
        self.assertEqual([3, 2, 1], [switch["id"] for switch in self.db.get_agent_switch_history(self.id)])
        loaded = self.db.load_agent_context(self.id)
        self.save(loaded["agent_history"], created_at=loaded["created_at"], last_switch_at=loaded["last_switch_at"])
        self.assertEqual([3, 2, 1], [switch["id"] for switch in self.db.get_agent_switch_history(self.id)])
        self.save(switches("architect"))
        self.assertEqual(switches("architect"), self.db.load_agent_context(self.id)["agent_history"])

    def test_what_a_switch_does_not_say_is_as_the_older_class_had_it(self):
        self.save([{}, {"to": "tester", "timestamp": NOON, "unknown": 1, "metadata": {"k": 1}}], metadata=None)
        newest, oldest = self.db.get_agent_switch_history(self.id)
        self.assertEqual({"id": 2, "from_agent": None, "to_agent": "tester", "switched_at": NOON, "reason": None,
                          "metadata": {"k": 1}}, newest)
        self.assertEqual("coder", oldest["to_agent"])
        self.assertEqual({}, oldest["metadata"])
        self.assertEqual({}, self.db.load_agent_context(self.id)["metadata"])

    def test_no_switch_is_no_last_switch(self):
        self.save([])
        loaded = self.db.load_agent_context(self.id)
        self.assertEqual(([], None, 0), (loaded["agent_history"], loaded["last_switch_at"], loaded["switch_count"]))

    def test_saving_the_context_of_a_session_that_is_missing_creates_it(self):
        self.save(switches("coder"))
        self.assertEqual([], self.db.load_session(self.id)["messages"])

    def test_what_is_missing_or_soft_deleted_is_none_false_or_empty(self):
        no_session, no_context, soft_deleted = (self.id + state for state in ("-1", "-2", "-3"))
        self.db.save_session(no_context, HELLO, NOON)
        self.save(switches("coder"), soft_deleted)
        self.db.delete_session(soft_deleted)
        for session_id in (no_session, no_context, soft_deleted):
            with self.subTest(session_id):
                self.assertIsNone(self.db.load_agent_context(session_id))
                self.assertEqual([], self.db.get_agent_switch_history(session_id))
                self.assertFalse(self.db.delete_agent_context(session_id))
                self.assertNotIn(session_id, self.db.list_all_contexts())
        with self.assertRaises(SessionDeleted):
            self.save(switches("coder"), soft_deleted)

    def test_delete_removes_the_context_and_its_switches(self):
        self.save(switches("coder"))
        self.assertIn(self.id, self.db.list_all_contexts())
        self.assertTrue(self.db.delete_agent_context(self.id))
        self.assertFalse(self.db.delete_agent_context(self.id))
        self.assertIsNone(self.db.load_agent_context(self.id))
        self.assertIsNotNone(self.db.load_session(self.id))

    def test_the_switch_history_has_the_newest_first_and_as_many_as_wanted(self):
        self.save(switches(*("agent-%d" % i for i in range(1100))))
        self.assertEqual(list(range(1100, 1000, -1)), [s["id"] for s in self.db.get_agent_switch_history(self.id)])
        self.assertEqual(list(range(1100, 50, -1)), [s["id"] for s in self.db.get_agent_switch_history(self.id, limit=1050)])
        self.assertEqual([], self.db.get_agent_switch_history(self.id, limit=0))
        self.assertEqual(1100, len(self.db.load_agent_context(self.id)["agent_history"]))

    def test_a_switch_between_the_two_reads_of_a_context_is_noticed(self):
        self.save(switches("orchestrator"), current_agent="orchestrator")
        proxy = Proxy(self.url)
        self.addCleanup(proxy.close)
        _, _, before = proxy.forward("GET", "/v1/sessions/%s/agent-context" % self.id, {}, None)
        self.save(switches("orchestrator", "coder"))
        proxy.plan.append(before)
        loaded = self.database(proxy.url).load_agent_context(self.id)
        self.assertEqual("coder", loaded["current_agent"])
        self.assertEqual(switches("orchestrator", "coder"), loaded["agent_history"])


class SessionScopeTest(StoreTestCase):

    def setUp(self):
        super().setUp()
        self.proxy = Proxy(self.url)
        self.addCleanup(self.proxy.close)
        self.db = self.database(self.proxy.url)

    def test_all_of_it_is_one_request_at_the_end(self):
        with self.db.session_scope() as scope:
            scope.append(self.id, {"role": "user", "content": "a"})
            scope.switch_agent(self.id, "tester", reason="run the tests", metadata={"k": 1})
            scope.append_messages(self.id, [{"role": "assistant", "content": "b"}, {"content": "c"}])
            scope.set_metadata(self.id, {"step": 2})
            self.assertEqual([], self.proxy.requests)
            self.assertIsNone(scope.result)
        self.assertEqual([("POST", "/v1/sessions/%s/turns" % self.id)], [request[:2] for request in self.proxy.requests])
        self.assertEqual((1, 3), (scope.result["first_seq"], scope.result["last_seq"]))
        self.assertEqual("tester", scope.result["agent_switch"]["to_agent"])
        self.assertEqual(["a", "b", "c"], [message["content"] for message in self.db.load_session(self.id)["messages"]])
        context = self.db.load_agent_context(self.id)
        self.assertEqual(("tester", {"step": 2}), (context["current_agent"], context["metadata"]))
        self.assertEqual(scope.result["agent_switch"]["switched_at"], context["last_switch_at"])

    def test_an_exception_is_passed_on_and_nothing_is_sent(self):
        with self.assertRaises(ZeroDivisionError):
            with self.db.session_scope() as scope:
                scope.append(self.id, {"content": "a"})
                1 / 0
        self.assertEqual([], self.proxy.requests)
        self.assertIsNone(self.db.load_session(self.id))

    def test_nothing_done_is_nothing_sent(self):
        with self.db.session_scope() as scope:
            scope.append_messages(self.id, [])
        self.assertEqual([], self.proxy.requests)
        self.assertIsNone(scope.result)

    def test_what_one_request_cannot_do_is_a_value_error_at_once(self):
        with self.assertRaises(ValueError), self.db.session_scope() as scope:
            scope.append(self.id, {"content": "a"})
            scope.append(self.id + "-other", {"content": "a"})
        with self.assertRaises(ValueError), self.db.session_scope() as scope:
            scope.switch_agent(self.id, "coder")
            scope.switch_agent(self.id, "tester")
        with self.assertRaises(ValueError), self.db.session_scope() as scope:
            scope.append_messages(self.id, [{"content": "a"}] * 1000)
            scope.append(self.id, {"content": "a"})
        self.assertEqual([], self.proxy.requests)

    def test_all_or_nothing_in_the_store_as_well(self):
        self.db.save_session(self.id, HELLO, NOON)
        with self.assertRaises(AgentContextNotFound), self.db.session_scope() as scope:
            scope.append(self.id, {"content": "a"})
            scope.set_metadata(self.id, {"step": 1})
        with self.db.session_scope() as scope:
            scope.switch_agent(self.id, "coder")
        with self.assertRaises(AgentConflict) as refused, self.db.session_scope() as scope:
            scope.append(self.id, {"content": "a"})
            scope.switch_agent(self.id, "tester", from_agent="orchestrator")
        self.assertEqual("coder", refused.exception.problem["current_agent"])
        self.assertEqual(HELLO, self.db.load_session(self.id)["messages"])


if __name__ == "__main__":
    unittest.main()

import unittest
from datetime import datetime, timedelta, timezone

from agent_session_store import InvalidRequest, SessionDeleted

from .service import StoreTestCase

NOON = datetime(2026, 1, 31, 12, 0, 0, 123456)
HELLO = [{"role": "user", "content": "hello"}]


class SessionsTest(StoreTestCase):

    def test_a_saved_session_loads_as_the_older_class_gave_it(self):
        messages = [
            {"role": "system", "content": "You are a helpful assistant"},
            {"role": "user", "content": "Почему падает тест? 🚑", "name": "ann"},
            {"role": "assistant", "content": None, "tool_calls": [
                {"id": "call_1", "type": "function", "function": {"name": "run", "arguments": "{\"n\": 3}"}}]},
            {"role": "tool", "content": "ok", "name": "run", "tool_call_id": "call_1"},
        ]
        before = datetime.now(timezone.utc).replace(tzinfo=None)
        self.assertIsNone(self.db.save_session(self.id, messages, NOON))
        loaded = self.db.load_session(self.id)
        self.assertEqual({"session_id", "messages", "last_activity", "created_at"}, set(loaded))
        self.assertEqual(self.id, loaded["session_id"])
        self.assertEqual(messages, loaded["messages"])
        self.assertEqual(NOON, loaded["last_activity"])
        self.assertIsNone(loaded["created_at"].tzinfo)
        self.assertLess(abs(loaded["created_at"] - before), timedelta(minutes=1))

    def test_a_time_with_a_zone_comes_back_as_naive_utc(self):
        elsewhere = NOON.replace(tzinfo=timezone(timedelta(hours=3)))
        self.db.save_session(self.id, HELLO, elsewhere)
        self.assertEqual(NOON - timedelta(hours=3), self.db.load_session(self.id)["last_activity"])

    def test_times_may_be_text(self):
        for text in ("2026-01-31 12:00:00.123456", "2026-01-31T12:00:00.123456Z", "2026-01-31T15:00:00.123456+03:00"):
            self.db.save_session(self.id, HELLO, text)
            self.assertEqual(NOON, self.db.load_session(self.id)["last_activity"])

    def test_without_last_activity_it_is_now(self):
        self.db.save_session(self.id, HELLO, NOON)
        self.db.save_session(self.id, HELLO, None)
        self.assertGreater(self.db.load_session(self.id)["last_activity"], NOON)

    def test_an_empty_history_is_a_session_without_messages(self):
        self.db.save_session(self.id, [], NOON)
        self.assertEqual([], self.db.load_session(self.id)["messages"])

    def test_a_missing_session_is_none_false_or_empty(self):
        self.assertIsNone(self.db.load_session(self.id))
        self.assertIsNone(self.db.get_session_stats(self.id))
        self.assertEqual([], self.db.get_messages_paginated(self.id))
        self.assertFalse(self.db.delete_session(self.id))
        self.assertFalse(self.db.delete_session(self.id, soft=False))
        self.assertFalse(self.db.restore_session(self.id))

    def test_a_soft_deleted_session_is_hidden_until_it_is_restored(self):
        self.db.save_session(self.id, HELLO, NOON)
        self.assertFalse(self.db.restore_session(self.id), "it is not deleted yet")
        self.assertTrue(self.db.delete_session(self.id))
        self.assertTrue(self.db.delete_session(self.id), "as the older class had it")
        self.assertIsNone(self.db.load_session(self.id))
        self.assertIsNone(self.db.get_session_stats(self.id))
        self.assertEqual([], self.db.get_messages_paginated(self.id))
        with self.assertRaises(SessionDeleted) as refused:
            self.db.save_session(self.id, HELLO, NOON)
        self.assertEqual((410, "/problems/session-deleted"), (refused.exception.status, refused.exception.type))
        self.assertTrue(self.db.restore_session(self.id))
        self.assertEqual(HELLO, self.db.load_session(self.id)["messages"])

    def test_a_hard_delete_is_for_good(self):
        self.db.save_session(self.id, HELLO, NOON)
        self.db.delete_session(self.id)
        self.assertTrue(self.db.delete_session(self.id, soft=False))
        self.assertFalse(self.db.restore_session(self.id))
        self.assertNotIn(self.id, self.db.list_all_sessions(include_deleted=True))

    def test_lists_are_walked_to_the_end_in_the_order_of_creation(self):
        ids = ["%s-%04d" % (self.id, i) for i in range(1001)]
        for session_id in ids:
            self.db.save_session(session_id, [], NOON)
        self.db.delete_session(ids[7])
        self.db.save_session(ids[8], HELLO, NOON)  # which moves nothing
        mine = [found for found in self.db.list_all_sessions() if found.startswith(self.id)]
        self.assertEqual(ids[:7] + ids[8:], mine)
        mine = [found for found in self.db.list_all_sessions(include_deleted=True) if found.startswith(self.id)]
        self.assertEqual(ids, mine)

    def test_stats(self):
        self.db.save_session(self.id, [], NOON)
        stats = self.db.get_session_stats(self.id)
        self.assertEqual((0, 0, None), (stats["message_count"], stats["total_tokens"], stats["last_message_at"]))
        messages = [{"role": "user", "content": "a", "token_count": 5}, {"role": "assistant", "content": "b"}]
        self.db.save_session(self.id, messages, NOON)
        stats = self.db.get_session_stats(self.id)
        self.assertEqual({"session_id", "message_count", "total_tokens", "last_message_at", "created_at", "last_activity"},
                         set(stats))
        self.assertEqual((2, 5, NOON), (stats["message_count"], stats["total_tokens"], stats["last_activity"]))
        self.assertIsNone(stats["last_message_at"].tzinfo)
        self.assertGreaterEqual(stats["last_message_at"], stats["created_at"])


class SessionIdsTest(StoreTestCase):

    def test_every_legal_id_works(self):
        for odd in ("café #1", "100%", "a%2Fb", "%", "what?", "a;b=c", "a&b=c", "+", " ", "~._-", "用户 🚑", "a:b@c", "...",
                    "''\"<>|", "é" * 255, "🚑" * 255):
            with self.subTest(odd):
                self.db.save_session(odd, HELLO, NOON)
                self.assertEqual(odd, self.db.load_session(odd)["session_id"])
                self.assertIn(odd, self.db.list_all_sessions())
                self.assertTrue(self.db.delete_session(odd, soft=False))
                self.assertIsNone(self.db.load_session(odd))

    def test_other_ids_are_value_errors(self):
        for illegal in ("", "a/b", "a\\b", ".", "..", "a\nb", "\x00", "x" * 256, "\ud800"):
            with self.subTest(repr(illegal)):
                with self.assertRaises(ValueError):
                    self.db.load_session(illegal)
                with self.assertRaises(ValueError):
                    self.db.save_session(illegal, HELLO, NOON)
        with self.assertRaises(InvalidRequest) as refused:
            self.db.load_session("a/b")
        self.assertIn("session_id", refused.exception.detail)
        with self.assertRaises(TypeError):
            self.db.load_session(4711)


if __name__ == "__main__":
    unittest.main()

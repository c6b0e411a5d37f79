import json
import unittest
from datetime import datetime, timedelta, timezone
from unittest import mock

from agent_session_store import InvalidRequest

from .proxy import Proxy
from .service import StoreTestCase

HELLO = [{"role": "user", "content": "hello"}]


class RetentionRequestsTest(StoreTestCase):
    """What is sent, and what becomes of the answer; the answers are made up."""

    def setUp(self):
        super().setUp()
        self.proxy = Proxy(self.url)
        self.addCleanup(self.proxy.close)
        self.db = self.database(self.proxy.url)

    def sent(self):
        return [(method, path, json.loads(body)) for method, path, _, body in self.proxy.requests]

    def test_cleanup(self):
        self.proxy.plan = [b'{"cleaned":7}', b'{"cleaned":2}']
        with mock.patch("agent_session_store.database.monotonic", side_effect=[0, 20, 21, 30]):
            self.assertEqual(9, self.db.cleanup_old_sessions())
        self.assertEqual([("POST", "/v1/retention/cleanup", {"max_age_hours": 24})] * 2, self.sent())

    def test_a_cleanup_that_takes_long_and_finds_nothing_is_not_repeated(self):
        self.proxy.plan = [b'{"cleaned":7}', b'{"cleaned":0}']
        with mock.patch("agent_session_store.database.monotonic", side_effect=[0, 20, 21, 41]):
            self.assertEqual(7, self.db.cleanup_old_sessions())
        self.assertEqual([], self.proxy.plan)

    def test_purge(self):
        self.proxy.plan = [b'{"deleted":3,"messages":1000}']
        self.assertEqual(3, self.db.hard_delete_old_sessions(days_old=7))
        self.assertEqual([("POST", "/v1/retention/purge", {"days_old": 7})], self.sent())


class RetentionTest(StoreTestCase):

    def test_idle_sessions_are_hidden_and_then_removed(self):
        now = datetime.now(timezone.utc).replace(tzinfo=None)
        old, young = self.id + "-old", self.id + "-young"
        self.db.save_session(old, HELLO, now - timedelta(hours=25))
        self.db.save_session(young, HELLO, now - timedelta(hours=23))
        self.assertGreaterEqual(self.db.cleanup_old_sessions(max_age_hours=24), 1)
        self.assertIsNone(self.db.load_session(old))
        self.assertIsNotNone(self.db.load_session(young))
        self.assertIn(old, self.db.list_all_sessions(include_deleted=True))
        self.db.hard_delete_old_sessions(days_old=30)
        self.assertIn(old, self.db.list_all_sessions(include_deleted=True))
        self.assertGreaterEqual(self.db.hard_delete_old_sessions(days_old=0), 1)
        self.assertNotIn(old, self.db.list_all_sessions(include_deleted=True))
        with self.assertRaises(InvalidRequest):
            self.db.cleanup_old_sessions(max_age_hours=0)

    def test_sessions_that_expire_leave_then_and_are_not_taken_for_idle(self):
        now = datetime.now(timezone.utc).replace(tzinfo=None)
        over, later = self.id + "-over", self.id + "-later"
        self.db.create_session(over, expires_at=now - timedelta(seconds=1))
        self.db.create_session(later, expires_at=now + timedelta(days=1))
        self.db.save_session(later, HELLO, now - timedelta(hours=25))
        self.assertGreaterEqual(self.db.cleanup_old_sessions(max_age_hours=24), 1)
        self.assertIsNone(self.db.session_details(over))
        self.assertIsNotNone(self.db.session_details(later))


if __name__ == "__main__":
    unittest.main()

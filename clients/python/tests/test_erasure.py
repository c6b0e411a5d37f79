import json
import time
import unittest
from datetime import datetime

from agent_session_store import ErasureNotFound, InvalidRequest, StoreUnavailable

from .proxy import Proxy
from .service import StoreTestCase

HELLO = [{"role": "user", "content": "hello"}, {"role": "assistant", "content": "hi"}]
LONGEST = 60.0  # seconds; the store looks every five


class ErasureTest(StoreTestCase):

    def done(self, receipt):
        end = time.monotonic() + LONGEST
        while receipt["state"] != "done" and time.monotonic() < end:
            time.sleep(0.2)
            receipt = self.db.erasure(receipt["erasure_id"])
        self.assertEqual("done", receipt["state"])
        return receipt

    def counted(self, receipt):
        return receipt["sessions"], receipt["messages"]

    def test_nothing_of_an_owner_is_left(self):
        ids = ["%s-%d" % (self.id, i) for i in range(3)]
        for session_id in ids:
            self.db.create_session(session_id, owner=self.id)
            self.db.append_messages(session_id, HELLO)
        self.db.delete_session(ids[0])
        self.db.create_session(self.id, owner="somebody else")
        receipt = self.db.erase_owner(self.id)
        self.assertEqual({"erasure_id", "state", "sessions", "messages", "requested_at", "finished_at"}, set(receipt))
        self.assertIn(receipt["state"], ("removing", "done"))
        self.assertEqual((3, 6), self.counted(receipt))
        self.assertEqual([], list(self.db.find_sessions(owner=self.id, include_deleted=True)))
        self.db.create_session(ids[0], owner=self.id)
        done = self.done(receipt)
        self.assertEqual((3, 6), self.counted(done))
        self.assertEqual(receipt["requested_at"], done["requested_at"])
        self.assertIsInstance(done["finished_at"], datetime)
        self.assertIsNone(done["finished_at"].tzinfo)
        self.assertEqual([ids[0]], [session["session_id"] for session in self.db.find_sessions(owner=self.id)])
        self.assertIsNotNone(self.db.session_details(self.id))

    def test_sessions_are_named(self):
        self.db.save_session(self.id, HELLO, None)
        self.db.create_session(self.id + "-2")
        receipt = self.db.erase_sessions(session_id for session_id in (self.id, self.id + "-2", self.id + "-absent"))
        self.assertEqual((2, 2), self.counted(receipt))
        self.assertIsNone(self.db.load_session(self.id))
        self.assertNotIn(self.id, self.db.list_all_sessions(include_deleted=True))
        self.done(receipt)

    def test_a_receipt_that_is_not_there(self):
        with self.assertRaises(ErasureNotFound) as missing:
            self.db.erasure("no/such erasure?")
        self.assertEqual((404, "/problems/erasure-not-found"), (missing.exception.status, missing.exception.type))
        self.assertIsInstance(missing.exception, LookupError)
        with self.assertRaises(ValueError):
            self.db.erasure("")

    def test_what_would_erase_something_else_is_refused(self):
        self.db.save_session("a", HELLO, None)
        with self.assertRaises(TypeError):
            self.db.erase_sessions("a")
        for ids in ([], ["%s-%d" % (self.id, i) for i in range(1001)]):
            with self.subTest(len(ids)), self.assertRaises(ValueError):
                self.db.erase_sessions(ids)
        with self.assertRaises(InvalidRequest):
            self.db.erase_sessions(["a", "b/c"])
        for owner in ("", None):
            with self.subTest(owner), self.assertRaises(InvalidRequest):
                self.db.erase_owner(owner)
        self.assertIsNotNone(self.db.load_session("a"))

    def test_a_second_erasure_does_not_count_what_the_lost_one_took(self):
        self.db.save_session(self.id, HELLO, None)
        proxy = Proxy(self.url)
        self.addCleanup(proxy.close)
        proxy.plan = [Proxy.LOSE_ANSWER]
        db = self.database(proxy.url)
        with self.assertRaises(StoreUnavailable):
            db.erase_sessions([self.id])
        receipt = db.erase_sessions([self.id])
        self.assertEqual([("POST", "/v1/erasures", {"session_ids": [self.id]})] * 2,
                         [(method, path, json.loads(body)) for method, path, _, body in proxy.requests])
        self.assertEqual((0, 0), self.counted(receipt))
        self.assertIsNone(self.db.load_session(self.id))
        self.done(receipt)


if __name__ == "__main__":
    unittest.main()

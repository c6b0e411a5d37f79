import unittest
from datetime import datetime, timedelta, timezone

from agent_session_store import InvalidRequest, SessionDeleted, SessionExists, SessionNotFound

from .proxy import Proxy
from .service import StoreTestCase

LATER = datetime(2126, 1, 31, 12, 0, 0, 123456)
HELLO = [{"role": "user", "content": "hello"}]
BARE = {"owner": None, "title": None, "labels": {}, "expires_at": None, "metadata": {}}


class DetailsTestCase(StoreTestCase):

    def assert_details(self, expected, session_id=None):
        session = self.db.session_details(session_id or self.id)
        self.assertEqual({**BARE, **expected}, {field: session[field] for field in BARE})


class DetailsTest(DetailsTestCase):

    def test_a_session_is_created_with_them(self):
        details = {"owner": "ann", "title": "Посылка 🚑", "labels": {"env": "prod", "a b": ""}, "expires_at": LATER,
                   "metadata": {"customer": 4711}}
        made = self.db.create_session(self.id, **details)
        self.assertEqual({"session_id", "created_at", "last_activity", "is_active", "deleted_at", "owner", "title", "labels",
                          "expires_at", "metadata", "last_seq", "forked_from"}, set(made))
        self.assertEqual((self.id, True, 0), (made["session_id"], made["is_active"], made["last_seq"]))
        self.assertIsNone(made["created_at"].tzinfo)
        self.assertEqual(made, self.db.session_details(self.id))
        self.assert_details(details)

    def test_a_session_without_any(self):
        made = self.db.create_session()
        self.assert_details({}, made["session_id"])
        self.assertNotEqual(made["session_id"], self.db.create_session()["session_id"])
        with self.assertRaises(SessionExists):
            self.db.create_session(made["session_id"])
        with self.assertRaises(InvalidRequest):
            self.db.create_session("")

    def test_a_lost_answer_makes_no_second_session(self):
        proxy = Proxy(self.url)
        self.addCleanup(proxy.close)
        db = self.database(proxy.url)
        proxy.plan = [Proxy.LOSE_ANSWER]
        self.assertEqual("one", db.create_session(title="one")["title"])
        self.assertEqual(["POST", "POST", "GET"], [request[0] for request in proxy.requests])
        self.db.save_session(self.id, HELLO, None)
        proxy.plan = [Proxy.LOSE_ANSWER]
        self.assertEqual(HELLO, self.db.load_session(db.fork(self.id))["messages"])
        proxy.plan = [Proxy.LOSE_ANSWER]
        with self.assertRaises(SessionExists) as refused:
            db.create_session(self.id + "-other")
        self.assertTrue(refused.exception.outcome_unknown, "somebody else may have made it")

    def test_a_change_names_what_it_changes_and_none_removes(self):
        self.db.create_session(self.id, owner="ann", title="one", labels={"a": "1", "b": "2"}, expires_at=LATER,
                               metadata={"x": 1})
        changed = self.db.update_session(self.id, title="two", labels={"b": None, "c": "3"})
        self.assertEqual(("two", {"a": "1", "c": "3"}), (changed["title"], changed["labels"]))
        details = {"owner": "ann", "title": "two", "labels": {"a": "1", "c": "3"}, "expires_at": LATER}
        self.assert_details({**details, "metadata": {"x": 1}})
        self.db.update_session(self.id, metadata={"y": 2})
        self.assert_details({**details, "metadata": {"y": 2}})
        self.db.update_session(self.id, owner=None, expires_at=None)
        self.assert_details({"title": "two", "labels": {"a": "1", "c": "3"}, "metadata": {"y": 2}})
        self.db.update_session(self.id, title=None, labels=None, metadata=None)
        self.assert_details({})

    def test_an_expiry_with_a_zone_is_converted(self):
        elsewhere = LATER.replace(tzinfo=timezone(timedelta(hours=3)))
        self.assertEqual(LATER - timedelta(hours=3), self.db.create_session(self.id, expires_at=elsewhere)["expires_at"])
        self.assertEqual(LATER, self.db.update_session(self.id, expires_at=LATER.isoformat())["expires_at"])

    def test_missing_and_deleted_sessions(self):
        self.assertIsNone(self.db.session_details(self.id))
        with self.assertRaises(SessionNotFound):
            self.db.update_session(self.id, title="one")
        self.db.create_session(self.id)
        self.db.delete_session(self.id)
        self.assertIsNone(self.db.session_details(self.id))
        self.assertIsNotNone(self.db.session_details(self.id, include_deleted=True)["deleted_at"])
        with self.assertRaises(SessionDeleted):
            self.db.update_session(self.id, title="one")
        with self.assertRaises(SessionDeleted):
            self.db.create_session(self.id)

    def test_what_the_store_refuses(self):
        for details in ({"owner": ""}, {"title": "x" * 501}, {"labels": {"a:b": "c"}}, {"expires_at": "soon"},
                        {"labels": {"l%d" % i: "" for i in range(33)}}):
            with self.subTest(details), self.assertRaises(InvalidRequest):
                self.db.create_session(self.id, **details)
        self.db.create_session(self.id)
        with self.assertRaises(InvalidRequest):
            self.db.update_session(self.id)

    def test_a_fork_has_its_own(self):
        self.db.create_session(self.id, owner="ann", title="one", labels={"a": "1"})
        self.assert_details({}, self.db.fork(self.id))
        details = {"owner": "bob", "title": "two", "labels": {"b": "2"}, "expires_at": LATER, "metadata": {"x": 1}}
        forked = self.db.fork(self.id, **details)
        self.assert_details(details, forked)
        self.assertEqual({"session_id": self.id, "seq": 0}, self.db.session_details(forked)["forked_from"])

    def test_a_scope_adds_what_is_missing(self):
        with self.db.session_scope() as scope:
            scope.append(self.id, HELLO[0])
            scope.add_details(self.id, owner="ann", title="one", labels={"a": "1"})
        self.assertEqual(1, scope.result["last_seq"])
        with self.db.session_scope() as scope:
            scope.add_details(self.id, owner="bob", labels={"a": "2", "b": "3"}, expires_at=LATER, metadata={"x": 1})
        self.assert_details({"owner": "ann", "title": "one", "labels": {"a": "1", "b": "3"}, "expires_at": LATER,
                             "metadata": {"x": 1}})
        with self.db.session_scope() as scope:
            scope.add_details(self.id)
        self.assertIsNone(scope.result, "nothing was sent")
        with self.assertRaises(ValueError), self.db.session_scope() as scope:
            scope.add_details(self.id, owner="ann")
            scope.add_details(self.id, title="one")


class FindTest(StoreTestCase):

    def found(self, **filters):
        return [session["session_id"] for session in self.db.find_sessions(**filters)]

    def test_sessions_are_found_by_all_that_is_given(self):
        owner = self.id + " & ü"
        ids = ["%s-%d" % (self.id, i) for i in range(4)]
        for i, session_id in enumerate(ids):
            self.db.create_session(session_id, owner=owner if i < 3 else "ann", title="Parcel %d" % i,
                                   labels={"test": self.id, "odd": "a:b=%d&c" % (i % 2)})
        self.assertEqual(ids[2::-1], self.found(owner=owner))
        self.assertEqual(ids, self.found(labels={"test": self.id}, order="created"))
        self.assertEqual([ids[1]], self.found(owner=owner, labels={"test": self.id, "odd": "a:b=1&c"}))
        self.assertEqual([ids[2]], self.found(owner=owner, title="PARCEL 2"))
        self.assertEqual([], self.found(owner=owner, title="letter"))
        self.db.delete_session(ids[0])
        self.assertEqual(ids[1:3], self.found(owner=owner, order="created"))
        self.assertEqual(ids[:3], self.found(owner=owner, order="created", include_deleted=True))
        session, = self.db.find_sessions(title="parcel 3", labels={"test": self.id})
        self.assertEqual(self.db.session_details(ids[3]), session)

    def test_times_are_those_of_the_order(self):
        made = [self.db.create_session("%s-%d" % (self.id, i), owner=self.id) for i in range(3)]
        first, second, third = (session["session_id"] for session in made)
        self.db.append_messages(first, HELLO)
        moment = made[1]["created_at"]
        self.assertEqual([first, third, second], self.found(owner=self.id, since=moment))
        self.assertEqual([second], self.found(owner=self.id, until=moment))
        self.assertEqual([second, third], self.found(owner=self.id, order="created", since=moment.replace(tzinfo=timezone.utc)))
        self.assertEqual([first, second], self.found(owner=self.id, order="created", until=moment.isoformat()))
        self.assertEqual([second], self.found(owner=self.id, order="created", since=moment, until=moment))

    def test_they_are_asked_for_as_they_are_taken(self):
        for i in range(5):
            self.db.create_session("%s-%d" % (self.id, i), owner=self.id)
        proxy = Proxy(self.url)
        self.addCleanup(proxy.close)
        found = self.database(proxy.url).find_sessions(owner=self.id, limit=2)
        self.assertEqual([], proxy.requests)
        self.assertEqual(2, len(list(found)))
        self.assertEqual(1, len(proxy.requests))
        self.assertEqual([], self.found(owner=self.id, limit=0))
        self.assertEqual(5, len(self.found(owner=self.id, limit=2000)))

    def test_what_would_find_something_else_is_refused(self):
        for filters in ({"owner": ""}, {"title": ""}, {"labels": {"a:b": "c"}}, {"limit": -1}):
            with self.subTest(filters), self.assertRaises(ValueError):
                self.db.find_sessions(**filters)
        with self.assertRaises(InvalidRequest):
            self.found(order="size")


if __name__ == "__main__":
    unittest.main()

import json
import time
import unittest
from datetime import datetime, timedelta, timezone

from agent_session_store import InvalidRequest, SearchDisabled, SessionDeleted, SessionNotFound

from .event_streams import EventStreams, problem
from .proxy import Proxy
from .service import StoreTestCase

LONGEST = 30.0  # seconds; the index may be a second behind


def part(messages, following=None, through="2026-01-31T12:00:00.5Z"):
    """An answer that is made up."""
    data = [{"session_id": "s", "seq": seq, "timestamp": "2026-01-31T11:00:00Z", "snippet": "hello", "matches": [[0, 5]]}
            for seq in messages]
    page = {"data": data, "has_more": following is not None, "indexed_through": through}
    return json.dumps(page if following is None else {**page, "next": following}).encode()


class SearchTest(StoreTestCase):

    def setUp(self):
        super().setUp()
        self.word = self.id.partition("-")[2]  # that no other test has written

    def write(self, session_id, *contents, role="user"):
        self.db.append_messages(session_id, [{"role": role, "content": text} for text in contents])

    def found(self, q, **filters):
        return [(message["session_id"], message["seq"]) for message in self.db.search(q, **filters)]

    def await_that(self, read, is_it):
        end = time.monotonic() + LONGEST
        answer = read()
        while not is_it(answer) and time.monotonic() < end:
            time.sleep(0.1)
            answer = read()
        return answer

    def await_found(self, expected, q):
        self.assertEqual(expected, self.await_that(lambda: self.found(q), lambda found: found == expected))

    def test_a_message_is_found_with_what_was_looked_for_in_it(self):
        self.db.create_session(self.id, title="A parcel")
        self.write(self.id, "hello", "🚑 My Ünicode %s" % self.word, role="assistant")
        self.await_found([(self.id, 2)], self.word)
        message, = self.db.search("unicode " + self.word)
        self.assertIsInstance(message["timestamp"], datetime)
        self.assertIsNone(message.pop("timestamp").tzinfo)
        self.assertEqual(["Ünicode", self.word], [message["snippet"][begin:end] for begin, end in message.pop("matches")])
        self.assertEqual({"session_id": self.id, "title": "A parcel", "seq": 2, "role": "assistant",
                          "snippet": "🚑 My Ünicode " + self.word}, message)

    def test_queries_are_sent_as_they_are_written(self):
        self.write(self.id, self.word + " 100% a+b & c", self.word + " blue", self.word + " red")
        first, second, third = ((self.id, seq) for seq in (1, 2, 3))
        self.await_found([third, second, first], self.word)
        self.assertEqual([first], self.found(self.word + ' "100% a+b & c"'))
        self.assertEqual([third, second], self.found(self.word + " re* OR BLUE"))
        self.assertEqual([third, first], self.found(self.word + " -blue"))

    def test_messages_are_found_by_all_that_is_given(self):
        one, two = self.id + "-1", self.id + "-2"
        self.db.create_session(one, owner="ann & ü", labels={"odd": "a:b=1&c"})
        self.db.create_session(two, owner="bob", labels={"odd": "a:b=0&c"})
        self.write(one, self.word)
        self.write(two, self.word)
        self.write(one, self.word, role="tool")
        self.await_found([(one, 2), (two, 1), (one, 1)], self.word)
        self.assertEqual([(one, 2), (one, 1)], self.found(self.word, owner="ann & ü"))
        self.assertEqual([(two, 1)], self.found(self.word, labels={"odd": "a:b=0&c"}))
        self.assertEqual([(one, 2), (one, 1)], self.found(self.word, session_id=one))
        self.assertEqual([(one, 2)], self.found(self.word, session_id=one, owner="ann & ü", role="tool"))
        self.assertEqual([], self.found(self.word, session_id=one, owner="bob"))
        moment = next(self.db.search(self.word, session_id=two))["timestamp"]
        self.assertEqual([(one, 2), (two, 1)], self.found(self.word, since=moment))
        self.assertEqual([(two, 1), (one, 1)], self.found(self.word, until=moment.isoformat()))
        self.assertEqual([], self.found(self.word, until=moment - timedelta(days=1)))

    def test_nothing_of_a_deleted_session_is_found(self):
        self.write(self.id, self.word)
        self.await_found([(self.id, 1)], self.word)
        self.db.delete_session(self.id)
        self.assertEqual([], self.found(self.word))
        with self.assertRaises(SessionDeleted):
            self.found(self.word, session_id=self.id)
        with self.assertRaises(SessionNotFound):
            self.found(self.word, session_id=self.id + "-absent")

    def test_they_are_asked_for_as_they_are_taken(self):
        self.write(self.id, *[self.word] * 130)
        self.await_found([(self.id, seq) for seq in range(130, 0, -1)], self.word)
        proxy = Proxy(self.url)
        self.addCleanup(proxy.close)
        db = self.database(proxy.url)
        found = db.search(self.word)
        self.assertEqual([], proxy.requests)
        self.assertEqual(130, next(found)["seq"])
        self.assertEqual(1, len(proxy.requests))
        self.assertEqual(129, len(list(found)))
        self.assertEqual(2, len(proxy.requests))
        for limit, requests in ((0, 0), (7, 1), (100, 1), (120, 2)):
            with self.subTest(limit):
                proxy.requests.clear()
                self.assertEqual(limit, len(list(db.search(self.word, limit=limit))))
                self.assertEqual(requests, len(proxy.requests))

    def test_a_part_without_messages_is_not_the_end(self):
        proxy = Proxy(self.url)
        self.addCleanup(proxy.close)
        proxy.plan = [part([], "/v1/search?q=a&cursor=1"), part([3], "/v1/search?q=a&cursor=2"), part([2, 1])]
        messages = list(self.database(proxy.url).search("a"))
        self.assertEqual([3, 2, 1], [message["seq"] for message in messages])
        self.assertEqual((None, None), (messages[0]["title"], messages[0]["role"]))
        self.assertEqual(["/v1/search?q=a&limit=100", "/v1/search?q=a&cursor=1", "/v1/search?q=a&cursor=2"],
                         [path for _, path, _, _ in proxy.requests])

    def test_it_tells_through_when_everything_is_found(self):
        def searched(q):
            found = self.db.search(q)
            self.assertIsNone(found.indexed_through, "nothing was asked for")
            return list(found), found.indexed_through

        self.write(self.id, self.word)
        written = datetime.now(timezone.utc).replace(tzinfo=None)
        messages, through = self.await_that(lambda: searched(self.word), lambda answer: answer[1] > written)
        self.assertGreater(through, written)
        self.assertEqual(1, len(messages))
        messages, through = searched(self.word + " absent")
        self.assertGreater(through, written)
        self.assertEqual([], messages)

    def test_what_later_parts_know_is_not_said_of_the_first(self):
        proxy = Proxy(self.url)
        self.addCleanup(proxy.close)
        proxy.plan = [part([2], "/v1/search?q=a&cursor=1"), part([1], through="2026-01-31T13:00:00Z")]
        found = self.database(proxy.url).search("a")
        self.assertEqual(2, len(list(found)))
        self.assertEqual(datetime(2026, 1, 31, 12, 0, 0, 500000), found.indexed_through)

    def test_what_would_find_something_else_is_refused(self):
        for filters in ({"owner": ""}, {"session_id": ""}, {"role": ""}, {"labels": {"a:b": "c"}}, {"limit": -1}, {"q": ""}):
            with self.subTest(filters), self.assertRaises(ValueError):
                self.db.search(**{"q": "a", **filters})
        for filters in ({"q": " "}, {"q": "?!"}, {"q": "-a"}, {"q": "a" * 1001}, {"role": "boss"}, {"since": "soon"}):
            found = self.db.search(**{"q": "a", **filters})
            with self.subTest(filters), self.assertRaises(InvalidRequest):
                next(found)

    def test_a_store_without_search(self):
        store = EventStreams(problem(404, "search-disabled"))
        self.addCleanup(store.close)
        with self.assertRaises(SearchDisabled):
            next(self.database(store.url).search("a"))


if __name__ == "__main__":
    unittest.main()

import time
import unittest
from unittest import mock

from agent_session_store import Database, DraftTexts, TailEvent

from .event_streams import EventStreams, event, stream


def told(message_id, offset, text):
    """An event of a stream that is made up; it is no position."""
    return 'event: draft\ndata: {"message_id":"%s","offset":%d,"text":"%s"}\n\n' % (message_id, offset, text)


DISCARDED = 'event: draft_discarded\ndata: {"message_id":"%s"}\n\n'
READY = event("ready", "0-0-1", '{"session_id":"s","last_seq":0,"switch_count":0}')
MESSAGE = event("message", "1-0-1", '{"seq":1,"id":"b","role":"assistant","content":"ab","timestamp":"2026-01-31T12:00:00Z"}')
DELETED = event("session_deleted", "1-0-1", '{"session_id":"s"}')


class FollowedDraftTest(unittest.TestCase):
    """What the client makes of a stream; the streams are made up."""

    def follow(self, answers, *args, **settings):
        self.streams = EventStreams(*answers)
        self.addCleanup(self.streams.close)
        db = Database(self.streams.url)
        self.addCleanup(db.close)
        with mock.patch.object(time, "sleep"):
            return list(db.tail("s", *args, **settings))

    def test_it_is_asked_for(self):
        self.follow([stream(READY, DELETED)], drafts=True)
        self.assertEqual([("/v1/sessions/s/tail?drafts=true", None)], self.streams.requests)
        self.follow([stream(READY, DELETED)], 7, drafts=True)
        self.assertEqual([("/v1/sessions/s/tail?after=7&drafts=true", None)], self.streams.requests)

    def test_events_come_as_they_are_and_are_no_positions(self):
        answer = stream(READY, told("a", 0, "x"), MESSAGE, told("a", 1, "y"), DISCARDED % "a", DELETED)
        self.assertEqual([("draft", {"message_id": "a", "offset": 0, "text": "x"}, "0-0-1"),
                          ("draft", {"message_id": "a", "offset": 1, "text": "y"}, "1-0-1"),
                          ("draft_discarded", {"message_id": "a"}, "1-0-1")],
                         [found for found in self.follow([answer], drafts=True) if "draft" in found.event])

    def test_after_a_lost_connection_all_are_told_anew(self):
        answers = [stream(READY, told("a", 0, "x"), told("b", 0, "a"), told("c", 0, "z"), DISCARDED % "c", told("d", 0, "w"),
                          event("message", "0-0-1", '{"seq":0,"id":"d"}')),
                   stream(READY, MESSAGE, told("a", 0, "x"), told("a", 1, "y"), DELETED)]
        names = [(found.event, found.data.get("message_id") or found.data.get("id"))
                 for found in self.follow(answers, drafts=True)]
        self.assertEqual([("draft_discarded", "a"), ("draft_discarded", "b"), ("message", "b"), ("draft", "a"), ("draft", "a"),
                          ("session_deleted", None)], names[7:])


class DraftTextsTest(unittest.TestCase):

    def setUp(self):
        self.texts = DraftTexts()

    def apply(self, name, **data):
        self.texts.apply(TailEvent(name, data, None))
        return dict(self.texts)

    def test_pieces_stand_where_they_say(self):
        self.apply("draft", message_id="a", offset=0, text="A 🙂")
        self.assertEqual({"a": "A 🙂!"}, self.apply("draft", message_id="a", offset=3, text="!"))
        self.assertEqual({"a": "A 🙂!", "b": ""}, self.apply("draft", message_id="b", offset=0, text=""))
        self.assertEqual({"a": "A ", "b": ""}, self.apply("draft", message_id="a", offset=2, text=""), "it was cut off")
        self.assertEqual({"a": "new", "b": ""}, self.apply("draft", message_id="a", offset=0, text="new"))
        self.assertEqual("new", self.texts["a"])

    def test_they_go_with_their_ends(self):
        for message_id in "abc":
            self.apply("draft", message_id=message_id, offset=0, text=message_id)
        self.assertEqual(["a", "c"], list(self.apply("message", seq=1, id="b", role="assistant", content="b")))
        self.assertEqual(["a", "c"], list(self.apply("message", seq=2, role="user", content="a")))
        self.assertEqual(["a", "c"], list(self.apply("agent_switch", switch_no=1, to_agent="a")))
        self.assertEqual(["a"], list(self.apply("draft_discarded", message_id="c")))
        self.assertEqual(["a"], list(self.apply("draft_discarded", message_id="c")), "who comes late may hear of it")
        self.assertEqual({}, self.apply("ready", session_id="s"))


if __name__ == "__main__":
    unittest.main()

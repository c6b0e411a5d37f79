import itertools
import time
import unittest
from datetime import datetime
from unittest import mock

from agent_session_store import Database, InvalidRequest, SessionNotFound, StoreError, StoreUnavailable

from .event_streams import OPEN, EventStreams, event, problem, stream
from .service import StoreTestCase

READY = event("ready", "0-0-1", '{"session_id":"s","last_seq":0,"switch_count":0}')
MESSAGES = [event("message", "%d-0-1" % seq, '{"seq":%d,"role":"user","content":"%d","timestamp":"2026-01-31T12:00:00.5Z"}' % (seq, seq))
            for seq in range(5)]
DELETED = event("session_deleted", "9-0-1", '{"session_id":"s"}')
PATH = "/v1/sessions/s/tail"


class TailOfAStreamTest(unittest.TestCase):
    """What the client makes of a stream; the streams are made up."""

    def setUp(self):
        patched = mock.patch.object(time, "sleep")
        self.sleep = patched.start()
        self.addCleanup(patched.stop)

    def follow(self, answers, *args, **settings):
        self.streams = EventStreams(*answers)
        self.addCleanup(self.streams.close)
        db = Database(self.streams.url, timeout=10.0)
        self.addCleanup(db.close)
        return db.tail("s", *args, **settings)

    def names(self, events):
        return [found.data.get("seq", found.event) for found in events]

    def pauses(self):
        return [call.args[0] for call in self.sleep.call_args_list]

    def test_events_come_as_they_are_until_the_session_is_deleted(self):
        switch = event("agent_switch", "1-1-1", '{"switch_no":1,"to_agent":"coder","switched_at":"2026-01-31T12:00:00Z"}')
        ready, message, switched, deleted = self.follow([stream(READY, MESSAGES[1] + switch, DELETED)])
        self.assertEqual(("ready", {"session_id": "s", "last_seq": 0, "switch_count": 0}, "0-0-1"), ready)
        self.assertEqual({"seq": 1, "role": "user", "content": "1", "timestamp": datetime(2026, 1, 31, 12, 0, 0, 500000)},
                         message.data)
        self.assertEqual(datetime(2026, 1, 31, 12), switched.data["switched_at"])
        self.assertEqual(("session_deleted", "9-0-1"), (deleted.event, deleted.id))
        self.assertEqual([(PATH, None)], self.streams.requests)

    def test_a_field_that_has_the_name_of_another_event_s_time_is_left_alone(self):
        message = event("message", "1-0-1", '{"seq":1,"switched_at":5,"timestamp":"2026-01-31T12:00:00Z"}')
        told, _ = self.follow([stream(message, DELETED)])
        self.assertEqual({"seq": 1, "switched_at": 5, "timestamp": datetime(2026, 1, 31, 12)}, told.data)

    def test_a_lost_connection_goes_on_after_the_last_whole_event(self):
        half = MESSAGES[2][:-1]
        answers = [stream(READY, MESSAGES[1], half), stream(READY, MESSAGES[2]), b"", stream(MESSAGES[3], DELETED)]
        self.assertEqual(["ready", 1, 2, 3, "session_deleted"], self.names(self.follow(answers, 0)))
        self.assertEqual([(PATH + "?after=0", None)] + [(PATH + "?after=0", position) for position in ("1-0-1", "2-0-1", "2-0-1")],
                         self.streams.requests)

    def test_a_connection_that_is_lost_in_the_middle_of_a_character_goes_on(self):
        letter = event("message", "1-0-1", '{"seq":1,"content":"\u0436"}').encode()
        half = letter[:letter.index("\u0436".encode()) + 1]
        events = self.follow([stream(READY) + b"%x\r\n%s\r\n" % (len(half), half), stream(MESSAGES[1], DELETED)])
        self.assertEqual(["ready", 1, "session_deleted"], self.names(events))

    def test_until_there_is_a_position_it_begins_again_where_it_was_told(self):
        self.assertEqual(["ready", "session_deleted"], self.names(self.follow([stream(": hi\n\n"), stream(READY, DELETED)], 7)))
        self.assertEqual([(PATH + "?after=7", None)] * 2, self.streams.requests)

    def test_a_position_of_an_earlier_program_is_gone_on_from(self):
        self.assertEqual([4, "session_deleted"], self.names(self.follow([stream(MESSAGES[4], DELETED)], last_event_id="3-0-1")))
        self.assertEqual([(PATH, "3-0-1")], self.streams.requests)

    def test_a_goodbye_is_followed_by_the_pause_it_asks_for(self):
        answers = [stream("retry: 4000\n\n", READY, "event: bye\nretry: 250\ndata: {}\n\n"), stream(MESSAGES[1], DELETED)]
        self.assertEqual(["ready", 1, "session_deleted"], self.names(self.follow(answers)))
        pause, = self.pauses()
        self.assertTrue(0.25 <= pause <= 0.3125, pause)
        self.assertEqual([(PATH, None), (PATH, "0-0-1")], self.streams.requests, "a goodbye is no position")

    def test_every_form_of_a_stream_is_understood(self):
        closed = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
        split = 'id:1\r\nevent:message\r\n: a comment\r\ndata: {"seq":\r\ndata: 1}\r\nnothing\r\n\r\n'.encode()
        one, deleted = self.follow([closed + split + DELETED.encode()])
        self.assertEqual(("message", {"seq": 1}, "1"), one)
        bytewise = stream(*(MESSAGES[1] + DELETED))
        self.assertEqual([1, "session_deleted"], self.names(self.follow([bytewise])))

    def test_a_session_that_is_missing_is_an_error(self):
        with self.assertRaises(SessionNotFound):
            next(self.follow([problem(404, "session-not-found")]))
        with self.assertRaises(InvalidRequest):
            next(self.follow([problem(400, "position-ahead")], 99))

    def test_a_session_that_went_away_meanwhile_is_deleted(self):
        for answer in (problem(410, "session-deleted"), problem(404, "session-not-found")):
            self.assertEqual(["ready", "session_deleted"], self.names(self.follow([stream(READY), answer])))

    def test_busy_is_tried_again_with_growing_pauses(self):
        busy = [problem(503, "busy", retry_after=3)] * 7
        self.assertEqual(["session_deleted"], self.names(self.follow(busy + [stream(DELETED)])))
        for pause, base in zip(self.pauses(), (2, 4, 8, 16, 30, 30, 30)):
            self.assertTrue(3 + base <= pause <= 3 + base * 1.25, (pause, base))

    def test_a_fault_of_the_store_or_of_what_is_in_between_is_no_end(self):
        answers = [problem(500, "internal-error"), b"HTTP/1.1 200 OK\r\nContent-Ty", b"HTTP/1.1 404 Not Found\r\nContent-Ty"]
        self.assertEqual(["session_deleted"], self.names(self.follow(answers + [stream(DELETED)])))

    def test_streams_that_end_before_they_begin_are_tried_again_with_growing_pauses_and_given_up(self):
        events = self.follow([stream(), stream(": hi\n\n"), stream(DELETED)])
        self.assertEqual(["session_deleted"], self.names(events))
        for pause, base in zip(self.pauses(), (2, 4)):
            self.assertTrue(base <= pause <= base * 1.25, (pause, base))
        with self.assertRaises(StoreUnavailable):
            next(self.follow([stream()], give_up_after=-1.0))

    def test_what_is_no_stream_is_an_error(self):
        page = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>"
        for answer in (page, stream("data: <html>\n\n"), stream("data: null\n\n")):
            with self.assertRaisesRegex(StoreError, "is that the address of the store"):
                next(self.follow([answer]))

    def test_it_gives_up_in_the_end(self):
        events = self.follow([stream(READY), problem(503, "busy")], give_up_after=0.0)
        self.assertEqual("ready", next(events).event)
        with self.assertRaises(StoreUnavailable):
            next(events)

    def test_who_stops_following_closes_the_connection(self):
        events = self.follow([stream(READY) + OPEN])
        next(events)
        events.close()
        self.assertTrue(self.streams.left.wait(20))


class TailTest(StoreTestCase):

    def test_what_is_written_is_followed(self):
        self.db.append_messages(self.id, [{"content": "a"}, {"content": "b"}])
        events = self.db.tail(self.id, after=1)
        ready, second = next(events), next(events)
        self.assertEqual(("ready", 2), (ready.event, ready.data["last_seq"]))
        self.assertEqual(("message", "b"), (second.event, second.data["content"]))
        self.db.append_messages(self.id, {"content": "c"})
        third = next(events)
        self.assertEqual(("message", 3, "c"), (third.event, third.data["seq"], third.data["content"]))
        self.assertIsNone(third.data["timestamp"].tzinfo)
        events.close()
        with self.db.session_scope() as scope:
            scope.append(self.id, {"content": "d"})
            scope.switch_agent(self.id, "coder")
        resumed = self.db.tail(self.id, last_event_id=third.id)
        found = [event for event in itertools.islice(resumed, 3) if event.event != "ready"]
        self.assertEqual([("message", "d"), ("agent_switch", "coder")],
                         [(event.event, event.data.get("content") or event.data.get("to_agent")) for event in found])
        self.db.delete_session(self.id)
        self.assertEqual(["session_deleted"], [event.event for event in resumed])

    def test_a_session_that_is_missing_is_an_error(self):
        with self.assertRaises(SessionNotFound):
            next(self.db.tail(self.id))


if __name__ == "__main__":
    unittest.main()

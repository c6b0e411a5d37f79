import concurrent.futures
import time
import unittest
from datetime import datetime
from unittest import mock

from agent_session_store import (
    AccessDenied,
    Database,
    DraftTaken,
    DraftTexts,
    InvalidRequest,
    MessageExists,
    SessionDeleted,
    SessionNotFound,
    StoreError,
    StoreUnavailable,
    TailEvent,
)
from agent_session_store import draft as draft_module
from agent_session_store.upload import Upload

from .event_streams import EventStreams, event, problem, stream
from .service import StoreTestCase
from .wire import Wire

LONGEST = 30.0  # seconds
CALLS = [{"id": "call_1", "type": "function", "function": {"name": "run", "arguments": "{}"}}]


class DraftTestCase(StoreTestCase):

    def followed(self):
        """A tail that is ready, of a session that is there."""
        self.db.append_messages(self.id, {"content": "hi"})
        events = self.db.tail(self.id, drafts=True)
        self.addCleanup(events.close)
        self.assertEqual("ready", next(events).event)
        return events

    def texts(self):
        try:
            return [draft["text"] for draft in self.db.drafts(self.id)]
        except SessionNotFound:
            return []

    def await_texts(self, *expected):
        end = time.monotonic() + LONGEST
        while self.texts() != list(expected) and time.monotonic() < end:
            time.sleep(0.02)
        self.assertEqual(list(expected), self.texts())

    def messages(self):
        loaded = self.db.load_session(self.id)
        return [] if loaded is None else [message["content"] for message in loaded["messages"]]

    def refusal_of(self, draft):
        """What the store says of a write that it refuses is raised by the next one, if it has come by then."""
        end = time.monotonic() + LONGEST
        try:
            while time.monotonic() < end:
                draft.write("")
                time.sleep(0.02)
        except StoreError as refused:
            return refused
        return self.fail("it was not refused")


class DraftTest(DraftTestCase):

    def test_what_is_written_is_told_at_once_and_committed_at_the_end(self):
        events = self.followed()
        with self.db.draft(self.id) as draft:
            self.assertEqual(("draft", {"message_id": draft.message_id, "offset": 0, "text": ""}), next(events)[:2])
            for offset, piece in ((0, "A semi"), (6, "🙂 ü\n"), (10, '"is" missing')):
                draft.write(piece)
                self.assertEqual({"message_id": draft.message_id, "offset": offset, "text": piece}, next(events).data)
            self.assertEqual('A semi🙂 ü\n"is" missing', draft.text)
            self.assertIsNone(draft.result)
        message = next(events)
        self.assertEqual(("message", draft.message_id, "assistant", draft.text),
                         (message.event, message.data["id"], message.data["role"], message.data["content"]))
        self.assertEqual((self.id, 2, 2), (draft.result["session_id"], draft.result["first_seq"], draft.result["last_seq"]))
        self.assertEqual(message.data["timestamp"], draft.result["timestamp"])
        self.assertEqual(["hi", draft.text], self.messages())
        self.assertEqual([], self.db.drafts(self.id))

    def test_its_message_may_say_more_than_the_text(self):
        with self.db.draft(self.id, "first") as draft:
            draft.write("Let me look.")
            self.assertEqual(1, draft.commit({"tool_calls": CALLS, "token_count": 7})["last_seq"])
        with self.db.draft(self.id, "ü/second") as draft:
            self.assertEqual(2, draft.commit({"role": "assistant", "tool_calls": CALLS})["last_seq"])
        with self.db.draft(self.id) as draft:
            draft.write("thinking…")
            draft.commit({"role": "assistant", "content": "Done."})
        self.assertEqual([{"role": "assistant", "content": "Let me look.", "tool_calls": CALLS},
                          {"role": "assistant", "content": None, "tool_calls": CALLS},
                          {"role": "assistant", "content": "Done."}], self.db.get_messages_paginated(self.id))
        self.assertEqual(7, self.db.get_session_stats(self.id)["total_tokens"])

    def test_its_message_is_part_of_the_history_that_is_saved(self):
        with self.db.draft(self.id) as draft:
            draft.write("Hello")
        history = self.db.load_session(self.id)["messages"]
        self.db.save_session(self.id, history + [{"role": "user", "content": "Thanks."}], None)
        self.db.save_session(self.id, [{"role": "assistant", "content": "Hello"}, {"role": "user", "content": "Thanks."}], None)
        self.assertEqual(2, self.db.session_details(self.id)["last_seq"])

    def test_each_has_its_own_id(self):
        self.assertNotEqual(self.db.draft(self.id).message_id, self.db.draft(self.id).message_id)
        self.assertEqual("mine", self.db.draft(self.id, "mine").message_id)

    def test_drafts_are_listed(self):
        with self.assertRaises(SessionNotFound):
            self.db.drafts(self.id)
        with self.db.draft(self.id, "one") as one:
            one.write("first")
            self.await_texts("first")
            two = self.db.draft(self.id, "two")
            two.write("second")
            self.await_texts("first", "second")
            two.commit()
            draft, = self.db.drafts(self.id)
            self.assertIsInstance(draft["started_at"], datetime)
            self.assertIsNone(draft.pop("started_at").tzinfo)
            self.assertEqual({"message_id": "one", "text": "first"}, draft)
        self.assertEqual(["second", "first"], self.messages())

    def test_an_exception_discards_it(self):
        events = self.followed()
        with self.assertRaises(ZeroDivisionError), self.db.draft(self.id) as draft:
            draft.write("a")
            while next(events).data["text"] != "a":
                pass
            1 / 0
        self.assertEqual(("draft_discarded", {"message_id": draft.message_id}), next(events)[:2])
        self.assertEqual(([], ["hi"]), (self.texts(), self.messages()))

    def test_nothing_written_is_no_message(self):
        with self.db.draft(self.id) as draft:
            draft.write("")
        self.assertEqual(([], [], None), (self.texts(), self.messages(), draft.result))

    def test_it_can_be_discarded(self):
        with self.db.draft(self.id) as draft:
            draft.write("a")
            draft.discard()
        self.assertEqual(([], []), (self.texts(), self.messages()))

    def test_one_that_is_left_open_can_be_gone_on_with(self):
        with self.assertRaises(ZeroDivisionError), self.db.draft(self.id, "m") as draft:
            draft.write("Hello 🙂")
            draft.leave_open()
            1 / 0
        left, = self.db.drafts(self.id)
        self.assertEqual("Hello 🙂", left["text"])
        with self.db.draft(self.id, "m", text=left["text"]) as draft:
            draft.write(", world")
            self.await_texts("Hello 🙂, world")
        self.assertEqual(["Hello 🙂, world"], self.messages())

    def test_it_is_over_when_it_has_ended(self):
        for end in ("commit", "discard", "leave_open"):
            draft = self.db.draft(self.id)
            draft.write("a")
            getattr(draft, end)()
            for method, given in ((draft.write, ["b"]), (draft.commit, []), (draft.discard, []), (draft.leave_open, [])):
                with self.subTest(end), self.assertRaises(ValueError):
                    method(*given)
            self.assertEqual("a", draft.text)

    def test_a_with_block_is_not_needed(self):
        draft = self.db.draft(self.id)
        draft.commit({"content": "at once"})
        draft = self.db.draft(self.id)
        draft.discard()
        draft = self.db.draft(self.id)
        draft.write("written")
        draft.commit()
        self.assertEqual(["at once", "written"], self.messages())

    def test_threads_write_whole_pieces(self):
        with self.db.draft(self.id) as draft:
            with concurrent.futures.ThreadPoolExecutor(8) as pool:
                list(pool.map(draft.write, ["%d 🙂;" % i for i in range(100)]))
            self.await_texts(draft.text)
        self.assertEqual(sorted("%d 🙂" % i for i in range(100)), sorted(draft.text.split(";")[:-1]))

    def test_a_long_text_goes_in_lines_that_the_store_takes(self):
        piece = "\x01" * 200_000  # six times as long in JSON, which is longer than the longest line
        with self.db.draft(self.id) as draft:
            for _ in range(2):
                draft.write(piece)
            self.await_texts(2 * piece)
            draft.commit({"content": "a"})
        self.assertEqual(["a"], self.messages())

    def test_what_has_no_utf_8_is_refused_and_not_kept(self):
        with self.db.draft(self.id) as draft:
            draft.write("a")
            with self.assertRaises(ValueError):
                draft.write("\ud83d")
            with self.assertRaises(ValueError):
                draft.commit({"content": "a", "metadata": {"n": float("nan")}})
        self.assertEqual(["a"], self.messages())


class RefusedDraftTest(DraftTestCase):
    """What the store says while it is written to."""

    def test_a_session_that_is_missing_or_deleted(self):
        with self.assertRaises(SessionNotFound), self.db.draft(self.id, create=False) as draft:
            raise self.refusal_of(draft)
        with self.assertRaises(SessionNotFound):
            self.db.draft(self.id, create=False).commit({"content": "a"})
        self.db.append_messages(self.id, {"content": "a"})
        with self.assertRaises(SessionDeleted), self.db.draft(self.id) as draft:
            draft.write("b")
            self.await_texts("b")
            self.db.delete_session(self.id)
            raise self.refusal_of(draft)
        with self.assertRaises(SessionDeleted):
            self.db.draft(self.id).commit({"content": "b"})

    def test_another_writer_takes_it(self):
        with self.assertRaises(KeyError), self.db.draft(self.id, "m") as first:
            first.write("Hello")
            self.await_texts("Hello")
            second = self.db.draft(self.id, "m", text="Hello")
            second.write("")
            taken = self.refusal_of(first)
            self.assertEqual("/problems/draft-taken", taken.type)
            for method, given in ((first.write, ["x"]), (first.commit, []), (first.discard, []), (first.leave_open, [])):
                with self.assertRaises(DraftTaken):
                    method(*given)
            raise KeyError("something else, after that")
        self.assertEqual(["Hello"], self.texts())
        second.write(" you")
        second.commit()
        self.assertEqual(["Hello you"], self.messages())

    def test_who_does_not_know_the_text_cannot_go_on(self):
        first = self.db.draft(self.id, "m")
        first.write("Hello")
        first.leave_open()
        with self.assertRaises(DraftTaken) as taken, self.db.draft(self.id, "m", text="Hell") as second:
            second.commit()
        self.assertEqual(5, taken.exception.problem["offset"])
        self.assertEqual(["Hello"], self.texts())

    def test_a_text_that_is_too_long(self):
        with self.assertRaises(InvalidRequest) as refused, self.db.draft(self.id) as draft:
            draft.write("x" * ((1 << 20) + 1))
            raise self.refusal_of(draft)
        self.assertEqual(413, refused.exception.status)
        self.assertEqual(([], []), (self.texts(), self.messages()))

    def test_a_message_that_is_not_valid_can_be_mended(self):
        with self.db.draft(self.id) as draft:
            draft.write("a")
            with self.assertRaises(InvalidRequest):
                draft.commit({"role": "robot"})
            draft.write("b")
        self.assertEqual(["ab"], self.messages())

    def test_a_message_that_is_there(self):
        with self.db.draft(self.id, "m") as draft:
            draft.write("a")
        with self.db.draft(self.id, "m") as again:
            again.write("a")
        self.assertEqual(draft.result, again.result)
        with self.assertRaises(MessageExists), self.db.draft(self.id, "m") as other:
            other.write("b")
        self.assertEqual(["a"], self.messages())


class BrokenDraftTest(DraftTestCase):

    def setUp(self):
        super().setUp()
        self.wire = Wire(self.url)
        self.addCleanup(self.wire.close)
        self.through = self.database(self.wire.url)

    def places(self):
        return [path.partition("offset=")[2] for path in self.wire.paths]

    def asked(self):
        return [path.split("?")[0].split("/")[4] for path in self.wire.paths]

    def await_refusal(self, draft):
        """Writes until that is no longer sent."""
        end = time.monotonic() + LONGEST
        while draft._upload is not None or draft._rests_until is None:
            self.assertLess(time.monotonic(), end)
            draft.write("")

    def test_it_goes_on_after_a_lost_connection(self):
        with self.through.draft(self.id) as draft:
            draft.write("Hello")
            self.await_texts("Hello")
            self.wire.cut()
            draft.write(" 🙂")
            self.await_texts("Hello 🙂")
            draft.write("!")
            self.await_texts("Hello 🙂!")
        self.assertEqual(["0", "7", "5"], self.places())
        self.assertEqual(["Hello 🙂!"], self.messages())

    def test_what_was_lost_on_the_way_is_sent_again(self):
        with self.through.draft(self.id) as draft:
            draft.write("Hello")
            self.await_texts("Hello")
            self.wire.deaf = True
            draft.write(", wor")
            self.wire.cut()
            self.wire.deaf = False
            draft.write("ld")
            self.await_texts("Hello, world")
        self.assertEqual(["Hello, world"], self.messages())

    def test_a_draft_that_is_gone_is_told_from_its_beginning(self):
        with self.through.draft(self.id, "m") as draft:
            draft.write("Hello")
            self.await_texts("Hello")
            self.wire.cut()
            self.db.draft(self.id, "m", text="Hello").discard()
            draft.write(", world")
            self.await_texts("Hello, world")
        self.assertEqual(["Hello, world"], self.messages())

    def test_it_comes_back_after_a_silence(self):
        self.wire.plan = [problem(408, "draft-silent")]
        with self.through.draft(self.id, "m") as draft:
            draft.write("Hello")
            while len(self.wire.paths) < 3:
                draft.write("")
            draft.write(", world")
            self.await_texts("Hello, world")
        self.assertEqual(["Hello, world"], self.messages())

    def test_another_one_that_has_written_more_has_taken_it(self):
        with self.assertRaises(DraftTaken), self.through.draft(self.id, "m") as draft:
            draft.write("Hello")
            self.await_texts("Hello")
            self.wire.cut()
            other = self.db.draft(self.id, "m", text="Hello")
            other.write(", everybody")
            other.leave_open()
            draft.write("!")
        self.assertEqual(["Hello, everybody"], self.texts())

    def test_a_commit_whose_answer_is_lost_is_made_once(self):
        self.wire.plan = [Wire.LOSE_ANSWER] * 3
        with self.through.draft(self.id) as draft:
            draft.write("a")
        self.assertEqual(4, len(self.wire.paths))
        self.assertEqual(1, draft.result["last_seq"])
        self.assertEqual(["a"], self.messages())

    def test_a_message_whose_draft_is_not_held_is_appended(self):
        for number, (status, name) in enumerate(((429, "too-many-drafts"), (500, "internal-error"), (413, "too-large"))):
            self.wire.paths.clear()
            self.wire.plan = [problem(status, name)]
            draft = self.through.draft(self.id, "m%d" % number)
            draft.write("a")
            self.assertEqual(number + 1, draft.commit()["last_seq"])
            self.assertEqual(["drafts", "messages"], self.asked())
        self.wire.plan = [problem(429, "too-many-drafts")]
        with self.assertRaises(MessageExists):
            self.through.draft(self.id, "m0", text="b").commit()
        self.assertEqual(["a"] * 3, self.messages())

    def test_a_message_whose_draft_finds_the_store_busy_is_tried_as_a_draft_once_more(self):
        for number, status in enumerate((429, 502, 503, 504)):
            self.wire.paths.clear()
            self.wire.plan = [problem(status, "busy", retry_after=60)] * 2
            draft = self.through.draft(self.id, "m%d" % number)
            draft.write("a")
            self.assertEqual(number + 1, draft.commit()["last_seq"])
            self.assertEqual(["drafts", "drafts", "messages"], self.asked())
        other = self.db.draft(self.id, "m")
        other.write("Hello, everybody")
        other.leave_open()
        self.wire.plan = [problem(503, "busy")]
        with self.assertRaises(DraftTaken):
            self.through.draft(self.id, "m", text="Hello").commit()
        self.assertEqual(["Hello, everybody"], self.texts())

    def test_what_is_written_to_a_draft_that_is_not_held_is_kept(self):
        for status, name in ((429, "too-many-drafts"), (503, "busy"), (500, "internal-error"), (413, "made-up")):
            self.wire.plan = [problem(status, name, retry_after=60)] * 2
            with self.subTest(name), self.through.draft(self.id) as draft:
                with mock.patch.object(time, "sleep", side_effect=AssertionError("it waits")):
                    self.await_refusal(draft)
                    draft.write("a")
                    draft.write("b")
        self.assertEqual(["ab"] * 4, self.messages())

    def test_what_was_kept_is_told_when_the_store_holds_drafts_again(self):
        self.wire.plan = [problem(429, "too-many-drafts")]
        with self.through.draft(self.id) as draft:
            draft.write("a")
            self.await_refusal(draft)
            with mock.patch.object(draft_module, "time", mock.Mock(monotonic=lambda: time.monotonic() + 60)):
                draft.write("b")
            self.await_texts("ab")
        self.assertEqual(["ab"], self.messages())

    def test_nothing_written_to_a_draft_that_is_not_held_is_no_message(self):
        self.wire.plan = [problem(429, "too-many-drafts")] * 2
        with self.through.draft(self.id) as draft:
            self.await_refusal(draft)
        self.assertEqual([], self.messages())

    def test_a_message_that_may_be_there_is_said_to_be(self):
        self.wire.plan = [problem(500, "internal-error"), problem(403, "forbidden")]
        with self.assertRaises(AccessDenied) as refused:
            self.through.draft(self.id, text="a").commit()
        self.assertTrue(refused.exception.outcome_unknown)

    def test_the_other_ends_survive_lost_answers_too(self):
        self.wire.plan = [Wire.LOSE_ANSWER] * 2
        draft = self.through.draft(self.id)
        draft.write("a")
        draft.discard()
        self.assertEqual([], self.texts())
        self.wire.plan = [Wire.LOSE_ANSWER] * 2
        draft = self.through.draft(self.id)
        draft.write("a")
        draft.leave_open()
        self.assertEqual(["a"], self.texts())

    def test_what_is_left_open_is_left_with_all_of_its_text(self):
        draft = self.through.draft(self.id, "m")
        draft.write("Hello")
        self.await_texts("Hello")
        self.wire.deaf = True
        draft.write(", world")
        self.wire.cut()
        self.wire.deaf = False
        draft.leave_open()
        self.assertEqual(["Hello, world"], self.texts())

    def test_a_commit_goes_past_a_text_that_was_lost(self):
        with self.through.draft(self.id) as draft:
            draft.write("Hello")
            self.await_texts("Hello")
            self.wire.deaf = True
            draft.write(", world")
            self.wire.cut()
            self.wire.deaf = False
        self.assertEqual(["0", "12", "5"], self.places())
        self.assertEqual(["Hello, world"], self.messages())

    def test_busy_is_tried_again_with_growing_pauses(self):
        self.wire.plan = [problem(503, "busy", retry_after=3), problem(429, "too-many-drafts", retry_after=1), b""]
        draft = self.through.draft(self.id)
        draft.write("ab")
        with mock.patch.object(time, "sleep") as sleep:
            draft.leave_open()
        busy, limited, lost = (call.args[0] for call in sleep.call_args_list)
        self.assertTrue(3.05 <= busy <= 3.1 and 1.1 <= limited <= 1.2 and 0.2 <= lost <= 0.4, (busy, limited, lost))
        self.assertEqual(["ab"], self.texts())

    def test_who_follows_has_the_texts_after_a_lost_connection(self):
        self.db.append_messages(self.id, {"content": "hi"})
        texts, events = DraftTexts(), self.through.tail(self.id, drafts=True)
        self.addCleanup(events.close)

        def follow(until):
            while not until():
                texts.apply(next(events))

        texts.apply(next(events))
        going_on, gone, said = (self.db.draft(self.id, name) for name in ("going on", "gone", "said"))
        for draft in (going_on, gone, said):
            draft.write("Hello")
        follow(lambda: dict(texts) == {"going on": "Hello", "gone": "Hello", "said": "Hello"})
        self.wire.cut()
        going_on.write(", world")
        gone.discard()
        said.commit()
        follow(lambda: dict(texts) == {"going on": "Hello, world"})
        going_on.commit()
        follow(lambda: not texts)

    def test_an_answer_before_the_end_is_told_however_the_connection_ended(self):
        for status, name, error in ((409, "draft-taken", DraftTaken), (410, "session-deleted", SessionDeleted),
                                    (413, "too-large", InvalidRequest)):
            self.wire.plan = [problem(status, name)] * 2
            with self.subTest(name):
                self.assertIsInstance(self.refusal_of(self.through.draft(self.id)), error)
            with self.subTest(name + ", which is seen when writing fails"):
                with mock.patch.object(Upload, "_is_answered", return_value=False):
                    self.assertIsInstance(self.refusal_of(self.through.draft(self.id)), error)

    def test_tries_are_bounded_and_lose_nothing(self):
        port = int(self.wire.url.rpartition(":")[2])
        with self.database(self.wire.url, timeout=1.0).draft(self.id) as draft:
            draft.write("Hello")
            self.await_texts("Hello")
            self.wire.close()
            for piece in (", ", "world"):
                with self.assertRaises(StoreUnavailable):
                    draft.write(piece)
            self.wire = Wire(self.url, port)
            self.addCleanup(self.wire.close)
            draft.write("!")
            self.await_texts(draft.text)
        self.assertEqual([draft.text], self.messages())


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

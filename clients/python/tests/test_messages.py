import copy
import json
import unittest
import urllib.parse
import urllib.request
from datetime import datetime

from agent_session_store import ContextTooSmall, InvalidRequest, SequenceConflict, SessionDeleted, SessionExists, SessionNotFound

from .proxy import Proxy
from .service import StoreTestCase

NOON = datetime(2026, 1, 31, 12)


def numbered(count):
    return [{"role": "user" if i % 2 == 0 else "assistant", "content": "Message %d" % i} for i in range(count)]


class MessagesTestCase(StoreTestCase):

    def stored(self, session_id=None):
        """The messages with all that the store knows of them."""
        path = "/v1/sessions/%s/messages?limit=1000" % urllib.parse.quote(session_id or self.id, safe="")
        with urllib.request.urlopen(self.url + path, timeout=10) as answer:
            return json.load(answer)["data"]

    def write(self, messages):
        """What a program writes that sends messages as the APIs of models have them."""
        request = urllib.request.Request(self.url + "/v1/sessions/%s/messages" % self.id, json.dumps(messages).encode(),
                                         {"Content-Type": "application/json"})
        urllib.request.urlopen(request, timeout=10).close()


class SavedMessagesTest(MessagesTestCase):

    def test_one_more_message_is_one_request_and_one_row(self):
        proxy = Proxy(self.url)
        self.addCleanup(proxy.close)
        db = self.database(proxy.url)
        messages = numbered(100)
        db.save_session(self.id, messages, NOON)
        before = self.stored()
        proxy.requests.clear()
        db.save_session(self.id, messages + [{"role": "user", "content": "one more"}], NOON)
        self.assertEqual([("PUT", "/v1/sessions/%s/history" % self.id)], [request[:2] for request in proxy.requests])
        after = self.stored()
        self.assertEqual(before, after[:100])
        self.assertEqual([(101, "one more")], [(message["seq"], message["content"]) for message in after[100:]])
        db.save_session(self.id, messages + [{"role": "user", "content": "one more"}], NOON)
        self.assertEqual(after, self.stored(), "the same again writes nothing")

    def test_a_different_history_replaces(self):
        self.db.save_session(self.id, numbered(3), NOON)
        summary = [{"role": "system", "content": "a summary"}]
        self.db.save_session(self.id, summary, NOON)
        self.assertEqual(summary, self.db.load_session(self.id)["messages"])

    def test_a_summary_an_undo_and_what_fits(self):
        self.db.save_session(self.id, numbered(6), NOON)
        compacted = self.db.compact(self.id, {"role": "user", "content": "so far"}, 4)
        self.assertEqual({"seq": 7, "ranges": [[7, 7], [5, 6], [8]], "last_seq": 7}, compacted)
        self.assertEqual(["so far", "Message 4", "Message 5"], self.loaded())
        self.assertEqual([[7, 7], [5, 5], [8]], self.db.rewind(self.id, 5)["ranges"])
        self.assertEqual(["so far", "Message 4"], self.loaded())
        with self.assertRaises(ValueError):
            self.db.rewind(self.id, 6)
        context = self.db.context(self.id, max_messages=1)
        self.assertEqual(["Message 4"], [message["content"] for message in context["messages"]])
        self.assertEqual(1, context["omitted"])
        with self.assertRaises(ContextTooSmall) as refused:
            self.db.context(self.id, 1)
        self.assertGreater(refused.exception.problem["needed"], 1)
        self.assertEqual(7, len(self.stored()))

    def test_a_fork_begins_as_the_session_was(self):
        self.db.save_session(self.id, numbered(3), NOON)
        forked = self.db.fork(self.id, through_seq=2)
        self.db.append_messages(forked, {"role": "user", "content": "in the fork"})
        contents = [message["content"] for message in self.db.load_session(forked)["messages"]]
        self.assertEqual(["Message 0", "Message 1", "in the fork"], contents)
        self.assertEqual(["Message 0", "Message 1", "Message 2"], self.loaded())
        with self.assertRaises(SessionExists):
            self.db.fork(self.id, forked)

    def test_a_whole_history_is_rewound(self):
        self.db.save_session(self.id, numbered(3), NOON)
        self.assertEqual([[1, 2], [4]], self.db.rewind(self.id, 2)["ranges"])
        self.assertEqual(["Message 0", "Message 1"], self.loaded())

    def loaded(self):
        return [message["content"] for message in self.db.load_session(self.id)["messages"]]

    def test_a_missing_role_is_user_and_unknown_keys_are_ignored(self):
        message = {"content": "a", "id": 7, "timestamp": "yesterday", "name": None, "tool_calls": [], "tool_call_id": ""}
        self.db.save_session(self.id, [message], NOON)
        self.assertEqual([{"role": "user", "content": "a"}], self.db.load_session(self.id)["messages"])

    def test_metadata_and_token_count_are_kept(self):
        self.db.save_session(self.id, [{"role": "user", "content": "a", "metadata": {"k": [1, "ü"]}, "token_count": 3}], NOON)
        stored, = self.stored()
        self.assertEqual(({"k": [1, "ü"]}, 3), (stored["metadata"], stored["token_count"]))
        self.db.save_session(self.id, [{"role": "user", "content": "a", "metadata": None, "token_count": None}], NOON)
        self.assertEqual([stored], self.stored())

    def test_a_list_of_parts_is_kept_as_its_json_text(self):
        parts = [{"type": "text", "text": "what is this? é"}, {"type": "image_url", "image_url": {"url": "https://x/y.png"}}]
        message = {"role": "user", "content": parts, "metadata": {"k": 1}}
        self.db.save_session(self.id, [message], NOON)
        loaded, = self.db.load_session(self.id)["messages"]
        self.assertEqual(parts, json.loads(loaded["content"]))
        stored = self.stored()
        self.assertEqual({"k": 1, "content_type": "application/json"}, stored[0]["metadata"])
        self.db.save_session(self.id, [message], NOON)
        self.db.save_session(self.id, [loaded], NOON)
        self.assertEqual(stored, self.stored(), "neither the parts nor their text is another history")

    def test_empty_content_beside_tool_calls_is_none(self):
        calls = [{"id": "call_1", "type": "function", "function": {"name": "run", "arguments": "{}"}}]
        for empty in (None, ""):
            self.db.save_session(self.id, [{"role": "assistant", "content": empty, "tool_calls": calls}], NOON)
            loaded = [{"role": "assistant", "content": None, "tool_calls": calls}]
            self.assertEqual(loaded, self.db.load_session(self.id)["messages"])
        self.assertEqual(1, self.stored()[0]["seq"])

    def test_empty_content_without_tool_calls_is_empty_text(self):
        messages = [{"role": "tool", "content": ""}, {"role": "user", "content": None}, {"role": "user"}, {"content": []}]
        self.db.save_session(self.id, messages, NOON)
        self.db.save_session(self.id, messages, NOON)
        self.assertEqual(["", "", "", ""], [message["content"] for message in self.stored()])

    def test_what_other_programs_wrote_goes_back_as_it_was(self):
        others = [
            {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "run", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "call_1", "output": "done"},
            {"role": "user", "content": [{"type": "text", "text": "what is this?"}], "metadata": {"k": 1}, "token_count": 4},
            {"role": "assistant", "content": None, "refusal": "I can't"},
            {"role": "model", "parts": [{"text": "an answer"}], "id": "m1"},
            {"role": "assistant", "content": ""},
        ]
        self.db.save_session(self.id, numbered(2), NOON)
        self.write(others)
        before = self.stored()
        loaded = self.db.load_session(self.id)["messages"]
        one_more = [{"role": "user", "content": "one more"}]
        self.db.save_session(self.id, loaded + one_more, NOON)
        self.database(self.url, empty_content="(no output)").save_session(self.id, copy.deepcopy(loaded) + one_more, NOON)
        self.db.save_session(self.id, self.db.get_messages_paginated(self.id), NOON)
        after = self.stored()
        self.assertEqual((before, 9), (after[:8], len(after)))
        self.assertEqual([dict, dict], [type(message) for message in loaded[:2]])
        self.db.save_session("copy of " + self.id, loaded, NOON)
        self.assertEqual([{**message, "id": None} for message in loaded],
                         [{**message, "id": None} for message in self.db.load_session("copy of " + self.id)["messages"]])

    def test_what_was_changed_goes_back_as_it_is_now(self):
        self.write([{"role": "user", "content": [{"type": "text", "text": "old"}], "x": 1}])
        loaded = self.db.load_session(self.id)["messages"]
        loaded[0]["content"][0]["text"] = "new"
        loaded[0]["x"] = 2
        self.db.save_session(self.id, loaded, NOON)
        self.assertEqual([{"role": "user", "content": '[{"type":"text","text":"new"}]'}],
                         self.db.load_session(self.id)["messages"])

    def test_a_window_that_moves_loses_nothing(self):
        messages = numbered(10)
        self.db.save_session(self.id, messages, NOON)
        window = messages[4:] + [{"role": "user", "content": "one more"}]
        self.db.save_session(self.id, window, NOON)
        self.assertEqual(window, self.db.load_session(self.id)["messages"])
        self.assertEqual(11, len(self.stored()))

    def test_empty_content_has_a_substitute_if_one_is_given(self):
        db = self.database(self.url, empty_content="(no output)")
        messages = numbered(1) + [{"role": "tool", "content": "", "tool_call_id": "call_1"}]
        db.save_session(self.id, messages, NOON)
        db.save_session(self.id, messages + numbered(1), NOON)
        stored = self.stored()
        self.assertEqual("(no output)", stored[1]["content"])
        self.assertEqual([1, 2, 3], [message["seq"] for message in stored])

    def test_what_the_store_refuses_is_an_invalid_request_that_names_the_place(self):
        for message in ({"role": "robot", "content": "a"}, {"role": "user", "content": "a\x00b"}, {"role": "user", "content": 5},
                        {"role": "user", "content": "a", "name": "n" * 256}):
            with self.assertRaises(InvalidRequest) as refused:
                self.db.save_session(self.id, numbered(1) + [message], NOON)
            self.assertEqual(400, refused.exception.status)
            self.assertTrue(refused.exception.problem["errors"][0]["pointer"].startswith("/messages/1/"))
        with self.assertRaises(InvalidRequest) as refused:
            self.db.save_session(self.id, [{"role": "user", "content": "x" * (2 << 20)}], NOON)
        self.assertEqual(413, refused.exception.status)
        for message in ({"content": "\ud800"}, {"content": "a", "metadata": {"n": float("nan")}}, {"content": "a", "metadata": [1]}):
            with self.assertRaises(ValueError):
                self.db.save_session(self.id, [message], NOON)
        self.assertIsNone(self.db.load_session(self.id))


class PagesTest(MessagesTestCase):

    def test_pages(self):
        messages = numbered(120)
        self.db.save_session(self.id, messages, NOON)
        self.assertEqual(messages[:50], self.db.get_messages_paginated(self.id))
        self.assertEqual(messages[20:40], self.db.get_messages_paginated(self.id, page=2, page_size=20))
        self.assertEqual(messages[100:], self.db.get_messages_paginated(self.id, 3, 50))
        self.assertEqual([], self.db.get_messages_paginated(self.id, 4, 50))
        with self.assertRaises(InvalidRequest):
            self.db.get_messages_paginated(self.id, page=0)

    def test_pages_and_counts_are_of_what_was_saved(self):
        messages = numbered(40)
        self.db.save_session(self.id, messages, NOON)
        summary = {"role": "system", "content": "So far: 10"}
        saved = messages[:3] + [summary] + messages[12:30] + [{"role": "user", "content": "another end"}]
        self.db.save_session(self.id, saved, NOON)
        self.assertEqual(saved, self.db.load_session(self.id)["messages"])
        self.assertEqual(len(saved), self.db.get_session_stats(self.id)["message_count"])
        for size in (1, 2, 10, 1001):
            pages = [self.db.get_messages_paginated(self.id, page + 1, size) for page in range(len(saved) // size + 1)]
            self.assertEqual([saved[i:i + size] for i in range(0, len(saved), size)], [page for page in pages if page])
        with self.assertRaises(InvalidRequest):
            self.db.get_messages_paginated(self.id, page=0)

    def test_a_page_may_be_larger_than_the_store_answers_at_once(self):
        messages = numbered(3500)
        self.db.save_session(self.id, messages, NOON)
        for page, page_size in ((1, 5000), (1, 1001), (2, 1001), (3, 1250), (2, 3500), (2, 3499), (1, 3500)):
            with self.subTest(page=page, page_size=page_size):
                wanted = messages[(page - 1) * page_size:page * page_size]
                self.assertEqual(wanted, self.db.get_messages_paginated(self.id, page, page_size))

    def test_an_item_has_no_role(self):
        self.write([{"role": "user", "content": "Hi"}, {"type": "function_call", "call_id": "call_1", "name": "run"}])
        self.assertEqual([{"role": "user", "content": "Hi"}, {"role": None, "content": None, "name": "run"}],
                         self.db.get_messages_paginated(self.id))

    def test_a_message_of_tool_calls_has_the_content_none(self):
        message = {"role": "assistant", "content": None, "tool_calls": [{"id": "1"}]}
        self.db.save_session(self.id, [message], NOON)
        self.assertEqual([message], self.db.get_messages_paginated(self.id))


class AppendTest(MessagesTestCase):

    def test_append_creates_and_numbers(self):
        answer = self.db.append_messages(self.id, numbered(2))
        self.assertEqual((self.id, 1, 2), (answer["session_id"], answer["first_seq"], answer["last_seq"]))
        self.assertIsNone(answer["timestamp"].tzinfo)
        answer = self.db.append_messages(self.id, {"content": "alone"}, if_last_seq=2, create=False)
        self.assertEqual(3, answer["last_seq"])
        self.assertEqual(numbered(2) + [{"role": "user", "content": "alone"}], self.db.load_session(self.id)["messages"])

    def test_append_takes_1_to_1000(self):
        for count in (0, 1001):
            with self.assertRaises(ValueError):
                self.db.append_messages(self.id, numbered(count))
        self.assertEqual(1000, self.db.append_messages(self.id, numbered(1000))["last_seq"])

    def test_append_says_what_is_in_its_way(self):
        with self.assertRaises(SessionNotFound):
            self.db.append_messages(self.id, numbered(1), create=False)
        self.db.append_messages(self.id, numbered(1))
        with self.assertRaises(SequenceConflict) as refused:
            self.db.append_messages(self.id, numbered(1), if_last_seq=7)
        self.assertEqual(1, refused.exception.problem["last_seq"])
        self.db.delete_session(self.id)
        with self.assertRaises(SessionDeleted):
            self.db.append_messages(self.id, numbered(1))

    def test_a_key_of_the_program_makes_its_own_repetition_safe(self):
        first = self.db.append_messages(self.id, numbered(1), idempotency_key="job-7")
        self.assertEqual(first, self.db.append_messages(self.id, numbered(1), idempotency_key="job-7"))
        self.assertEqual(1, len(self.stored()))
        with self.assertRaises(InvalidRequest) as refused:
            self.db.append_messages(self.id, numbered(2), idempotency_key="job-7")
        self.assertEqual("/problems/idempotency-key-reused", refused.exception.type)

    def test_keys_are_text_of_any_script(self):
        for i, key in enumerate(("заказ-А", "заказ-Б", "é", "😀"), 1):
            for _ in range(2):
                self.assertEqual(i, self.db.append_messages(self.id, numbered(1), idempotency_key=key)["last_seq"])

    def test_what_no_header_can_have_is_no_key(self):
        for key in ("", "two\r\nlines", "\0", "\x85", "\ud83d"):
            with self.assertRaises(ValueError):
                self.db.append_messages(self.id, numbered(1), idempotency_key=key)
        self.assertIsNone(self.db.load_session(self.id))


if __name__ == "__main__":
    unittest.main()

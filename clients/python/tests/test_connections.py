import concurrent.futures
import email.utils
import os
import socket
import subprocess
import sys
import threading
import time
import unittest
from datetime import datetime
from unittest import mock

from agent_session_store import Database, StoreError, StoreUnavailable
from agent_session_store.connections import Connections, has_ended
from agent_session_store.errors import refusal

from .proxy import Proxy
from .service import StoreTestCase

NOON = datetime(2026, 1, 31, 12)


class ConnectionsTest(StoreTestCase):

    def setUp(self):
        super().setUp()
        self.proxy = Proxy(self.url)
        self.addCleanup(self.proxy.close)
        self.db = self.database(self.proxy.url)

    def contents(self):
        return [message["content"] for message in self.db.load_session(self.id)["messages"]]

    def test_a_connection_is_kept_alive(self):
        for i in range(20):
            self.db.append_messages(self.id, {"content": str(i)})
        self.assertEqual(1, self.proxy.connections)

    def test_one_database_serves_many_threads(self):
        def work(number):
            session_id = "%s-%d" % (self.id, number)
            for i in range(25):
                self.db.append_messages(session_id, {"content": "%d %d" % (number, i)})
            return [message["content"] for message in self.db.load_session(session_id)["messages"]]

        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            done = list(pool.map(work, range(8)))
        self.assertEqual([["%d %d" % (number, i) for i in range(25)] for number in range(8)], done)
        self.assertLessEqual(self.proxy.connections, 8)

    def test_an_append_whose_answer_is_lost_is_written_once(self):
        self.db.append_messages(self.id, {"content": "a"})
        self.proxy.plan = [Proxy.LOSE_ANSWER, Proxy.LOSE_REQUEST, Proxy.LOSE_ANSWER]
        self.assertEqual(2, self.db.append_messages(self.id, {"content": "b"})["last_seq"])
        self.assertEqual(["a", "b"], self.contents())
        _, first, second, third, last = self.proxy.keys()[:5]
        self.assertEqual({first}, {first, second, third, last}, "one key for all tries of a call")

    def test_each_call_has_its_own_key(self):
        for _ in range(2):
            self.db.append_messages(self.id, {"content": "the same"})
        self.assertEqual(["the same"] * 2, self.contents())

    def test_a_turn_whose_answer_is_lost_is_made_once(self):
        self.proxy.plan = [Proxy.LOSE_ANSWER]
        with self.db.session_scope() as scope:
            scope.append(self.id, {"content": "a"})
            scope.switch_agent(self.id, "coder")
        self.assertEqual(["a"], self.contents())
        self.assertEqual(1, len(self.db.get_agent_switch_history(self.id)))

    def test_saves_and_reads_survive_lost_connections(self):
        self.proxy.plan = [Proxy.LOSE_ANSWER]
        self.db.save_session(self.id, [{"content": "a"}], NOON)
        self.proxy.plan = [Proxy.LOSE_ANSWER]
        self.assertEqual(["a"], self.contents())

    def test_a_deletion_whose_answer_is_lost_is_true(self):
        self.db.save_session(self.id, [{"content": "a"}], NOON)
        self.proxy.plan = [Proxy.LOSE_ANSWER]
        self.assertTrue(self.db.delete_session(self.id))
        self.proxy.plan = [Proxy.LOSE_ANSWER]
        self.assertTrue(self.db.restore_session(self.id))

    def test_what_would_take_along_what_others_wrote_meanwhile_is_not_tried_again_once_it_may_have_been_done(self):
        self.db.save_session(self.id, [{"content": "a"}], NOON)
        for work in (lambda: self.db.save_agent_context(self.id, "coder", [{"to": "coder"}], {}, NOON, None, 1),
                     lambda: self.db.delete_agent_context(self.id),
                     lambda: self.db.erase_owner(self.id),
                     lambda: self.db.erase_sessions([self.id + "-never"]),
                     lambda: self.db.delete_session(self.id, soft=False)):
            self.proxy.requests.clear()
            self.proxy.plan = [Proxy.BUSY, Proxy.LOSE_ANSWER]
            with self.assertRaises(StoreUnavailable) as failed:
                work()
            self.assertTrue(failed.exception.outcome_unknown)
            self.assertEqual(2, len(self.proxy.requests))
        self.assertFalse(self.db.delete_session(self.id, soft=False))

    def test_busy_is_tried_again_after_the_time_it_says(self):
        with mock.patch.object(time, "sleep") as sleep:
            self.proxy.plan = [Proxy.BUSY, Proxy.RATE_LIMITED]
            self.db.append_messages(self.id, {"content": "a"})
        self.assertEqual(["a"], self.contents())
        busy, limited = (call.args[0] for call in sleep.call_args_list)
        self.assertTrue(0.05 <= busy <= 0.1 and 1.1 <= limited <= 1.2, (busy, limited))

    def test_tries_are_counted_and_their_pauses_grow_to_a_limit(self):
        self.proxy.plan = [Proxy.BUSY] * 100
        with mock.patch.object(time, "sleep") as sleep, self.assertRaises(StoreUnavailable) as failed:
            self.db.load_session(self.id)
        self.assertEqual((503, "/problems/busy"), (failed.exception.status, failed.exception.type))
        self.assertFalse(failed.exception.outcome_unknown)
        self.assertEqual(12, len(self.proxy.requests))
        for pause, longest in zip((call.args[0] for call in sleep.call_args_list), (0.1, 0.2, 0.4, 0.8, 1.6, 2.0, 2.0, 2.0)):
            self.assertTrue(longest / 2 <= pause <= longest)

    def test_a_wait_that_would_take_longer_than_the_timeout_is_not_begun(self):
        db = self.database(self.proxy.url, timeout=0.9)
        self.proxy.plan = [Proxy.RATE_LIMITED] * 100
        with self.assertRaises(StoreUnavailable) as failed:
            db.load_session(self.id)
        self.assertEqual(429, failed.exception.status)
        self.assertEqual(1, len(self.proxy.requests))

    def test_a_connection_that_was_closed_while_it_was_idle_does_no_harm(self):
        for i in range(10):
            self.proxy.plan = [Proxy.HANG_UP]
            self.db.append_messages(self.id, {"content": str(i)})
        self.assertEqual([str(i) for i in range(10)], self.contents())

    def test_the_end_of_an_idle_connection_is_seen_without_using_it(self):
        mine, other = socket.socketpair()
        with mine:
            self.assertFalse(has_ended(mine))
            other.close()
            self.assertTrue(has_ended(mine))

    def test_an_address_in_brackets_needs_no_port(self):
        for url, host, port in (("http://[::1]/", "::1", 80), ("https://[::1]", "::1", 443), ("http://[::1]:81", "::1", 81)):
            connection = Connections(url, None).new()
            self.assertEqual((host, port), (connection.host, connection.port))

    @unittest.skipUnless(hasattr(os, "fork"), "this system has no fork")
    def test_a_forked_process_does_not_use_its_parents_connections(self):
        program = """
import os, sys
from agent_session_store import Database
db = Database(sys.argv[1])
db.append_messages(sys.argv[2], {"content": "parent"})
child = os.fork()
if child:
    assert os.waitpid(child, 0)[1] == 0
db.append_messages(sys.argv[2], {"content": "parent again" if child else "child"})
"""
        root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
        subprocess.run([sys.executable, "-c", program, self.proxy.url, self.id], cwd=root, timeout=60, check=True)
        self.assertEqual(2, self.proxy.connections)
        self.assertEqual(["parent", "child", "parent again"], self.contents())

    def test_the_key_is_sent_and_never_printed(self):
        db = self.database(self.proxy.url, api_key="secret-7")
        db.load_session(self.id)
        self.assertEqual("Bearer secret-7", self.proxy.requests[-1][2]["Authorization"])
        self.assertNotIn("secret-7", repr(db))
        with self.assertRaises(ValueError) as refused:
            Database(api_key="secret\n7")
        self.assertNotIn("secret", str(refused.exception))


class UnreachableTest(unittest.TestCase):

    def open(self, url, **settings):
        db = Database(url, **settings)
        self.addCleanup(db.close)
        return db

    def listen(self):
        """A port on which everything is taken, and nothing answered."""
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)
        return listener, "http://127.0.0.1:%d" % listener.getsockname()[1]

    def test_nobody_there(self):
        listener, url = self.listen()
        listener.close()
        before = time.monotonic()
        with self.assertRaises(StoreUnavailable) as failed:
            self.open(url, timeout=1.0).append_messages("s", {"content": "a"})
        self.assertEqual("cannot reach %s: connection refused" % url, str(failed.exception))
        self.assertIsNone(failed.exception.status)
        self.assertFalse(failed.exception.outcome_unknown, "nothing was sent")
        self.assertLess(time.monotonic() - before, 5)

    def test_nobody_there_to_follow(self):
        listener, url = self.listen()
        listener.close()
        with self.assertRaises(StoreUnavailable) as failed:
            next(self.open(url + "/store/").tail("s", give_up_after=0.0))
        self.assertEqual("cannot reach %s/store: connection refused" % url, str(failed.exception))

    def test_a_silent_service_is_waited_for_until_the_timeout(self):
        _, url = self.listen()
        before = time.monotonic()
        with self.assertRaises(StoreUnavailable) as failed:
            self.open(url, timeout=0.5).append_messages("s", {"content": "a"})
        self.assertEqual("no answer from %s: timed out" % url, str(failed.exception))
        self.assertTrue(failed.exception.outcome_unknown)
        self.assertTrue(0.5 <= time.monotonic() - before < 5)

    def test_a_service_that_comes_back_is_found(self):
        listener, url = self.listen()
        port = listener.getsockname()[1]
        listener.close()

        def come_back(_):
            proxy = Proxy(url, port)
            self.addCleanup(proxy.close)
            proxy.plan = [b'{"data":[{"session_id":"a"}],"has_more":false}']

        with mock.patch.object(time, "sleep", side_effect=come_back):
            self.assertEqual(["a"], self.open(url).list_all_sessions())

    def answering(self, *answers):
        """The address of something that gives these answers, each on a connection of its own."""
        listener, url = self.listen()

        def serve():
            for answer in answers:
                connection, _ = listener.accept()
                with connection:
                    connection.recv(65536)
                    connection.sendall(answer)

        other = threading.Thread(target=serve)
        other.start()
        self.addCleanup(other.join)
        return url

    def test_something_else_at_the_address_is_told_from_the_store(self):
        for answer in (b"200 OK\r\nContent-Length: 6\r\n\r\n<html>", b"200 OK\r\nContent-Length: 2\r\n\r\n[]",
                       b"200 OK\r\nContent-Length: 0\r\n\r\n", b"302 Found\r\nContent-Length: 0\r\n\r\n",
                       b'409 Conflict\r\nContent-Length: 11\r\n\r\n{"type":[]}'):
            with self.assertRaises(StoreError) as failed:
                self.open(self.answering(b"HTTP/1.1 " + answer)).load_session("a")
            self.assertNotIsInstance(failed.exception, StoreUnavailable)

    def test_what_failed_there_may_have_been_done(self):
        for status, body, unknown in ((500, b"{}", True), (502, b"<html>", True), (503, b'{"type":"/problems/outcome-unknown"}', True),
                                      (503, b'{"type":"/problems/busy"}', False), (429, b"{}", False), (409, b"{}", False)):
            response = mock.Mock(status=status, reason="Refused", getheader=mock.Mock(return_value=None))
            self.assertEqual(unknown, refusal(response, body).outcome_unknown, (status, body))

    def test_an_answer_that_is_cut_off_in_its_head_is_none(self):
        whole = b'HTTP/1.1 201 Created\r\nContent-Length: 33\r\n\r\n{"first_seq": 1, "last_seq":   1}'
        url = self.answering(b"HTTP/1.1 201 Created\r\nContent-Ty", whole)
        self.assertEqual(1, self.open(url).append_messages("s", {"content": "a"})["last_seq"])

    def test_the_time_to_wait_is_told_in_seconds_or_as_a_date(self):
        soon = email.utils.formatdate(time.time() + 60, usegmt=True)
        long_ago = "Wed, 21 Oct 2015 07:28:00 GMT"
        for said, least, most in (("60", 60, 60), (soon, 50, 61), (long_ago, 0, 0), ("-5", 0, 0), ("soon", 0, 0), ("\xb2", 0, 0)):
            response = mock.Mock(status=503, reason="Busy", getheader=mock.Mock(return_value=said))
            asked = refusal(response, b"").retry_after
            self.assertTrue(least <= asked <= most, (said, asked))

    def test_the_older_class_s_url_is_refused_with_the_way_out(self):
        for url in ("sqlite:///data/agent_runtime.db", "postgresql://user:password@localhost/dbname", "localhost:8080", ""):
            with self.assertRaisesRegex(ValueError, "import") as refused:
                Database(url)
            self.assertNotIn("password", str(refused.exception))
        for url in ("http://user:password@localhost", "http://localhost/?a=b", "http://localhost/#a"):
            with self.assertRaises(ValueError):
                Database(url)


if __name__ == "__main__":
    unittest.main()

import os
import shutil
import ssl
import subprocess
import tempfile
import time
import unittest
from unittest import mock

from agent_session_store import DraftTaken, StoreError, StoreUnavailable

from .event_streams import problem
from .proxy import Proxy
from .service import StoreTestCase
from .wire import Wire


@unittest.skipUnless(shutil.which("openssl"), "there is no openssl to make a certificate with")
class TlsTest(StoreTestCase):

    def setUp(self):
        super().setUp()
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.certificate, key = (os.path.join(directory.name, name) for name in ("certificate.pem", "key.pem"))
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                        "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", self.certificate],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(self.certificate, key)
        self.proxy = Proxy(self.url, ssl_context=self.context)
        self.addCleanup(self.proxy.close)

    def test_a_trusted_service_is_used_over_a_connection_that_is_kept_alive(self):
        trusting = ssl.create_default_context(cafile=self.certificate)
        db = self.database(self.proxy.url, ssl_context=trusting)
        for i in range(5):
            db.append_messages(self.id, {"content": str(i)})
        self.proxy.plan = [Proxy.LOSE_ANSWER]
        db.append_messages(self.id, {"content": "5"})
        self.assertEqual([str(i) for i in range(6)], [m["content"] for m in db.load_session(self.id)["messages"]])
        self.assertEqual(2, self.proxy.connections)

    def test_a_draft_is_written_over_it(self):
        wire = Wire(self.url, ssl_context=self.context)
        self.addCleanup(wire.close)
        db = self.database(wire.url, ssl_context=ssl.create_default_context(cafile=self.certificate))
        with db.draft(self.id, "m") as draft:
            for i in range(20):
                draft.write("%d 🙂;" % i)
        self.assertEqual([draft.text], [m["content"] for m in db.load_session(self.id)["messages"]])
        self.assertEqual(1, len([path for path in wire.paths if "/drafts/" in path]))
        wire.plan = [problem(409, "draft-taken")]
        with self.assertRaises(DraftTaken), db.draft(self.id) as draft:
            for _ in range(500):
                draft.write("x")
                time.sleep(0.02)

    def test_another_one_is_refused_at_once(self):
        with mock.patch.object(time, "sleep") as sleep, self.assertRaises(StoreError) as refused:
            self.database(self.proxy.url).load_session(self.id)
        self.assertRegex(str(refused.exception), "^cannot trust %s: self.signed certificate$" % self.proxy.url)
        self.assertNotIsInstance(refused.exception, StoreUnavailable)
        self.assertEqual(0, sleep.call_count)
        self.assertEqual([], self.proxy.requests)


if __name__ == "__main__":
    unittest.main()

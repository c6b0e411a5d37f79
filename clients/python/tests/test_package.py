import pathlib
import re
import unittest

import agent_session_store

ROOT = pathlib.Path(__file__).resolve().parents[3]


class PackageTest(unittest.TestCase):

    def test_callers_find_everything_where_it_was(self):
        self.assertEqual([
            "AccessDenied", "AgentConflict", "AgentContextNotFound", "Conflict", "ContextTooSmall", "Database",
            "Draft", "DraftTaken", "DraftTexts", "ErasureNotFound", "FoundMessages", "InvalidRequest", "MessageExists", "SearchDisabled", "SequenceConflict",
            "SessionDeleted", "SessionExists", "SessionNotDeleted", "SessionNotFound", "SessionScope", "StoreError",
            "StoreUnavailable", "TailEvent"], sorted(agent_session_store.__all__))
        for name in agent_session_store.__all__:
            self.assertEqual(name, getattr(agent_session_store, name).__name__)

    def test_type_checkers_take_its_types(self):
        self.assertTrue((pathlib.Path(agent_session_store.__file__).parent / "py.typed").is_file())

    def test_it_has_the_version_of_the_service(self):
        service = re.search(r"<artifactId>agent-session-store</artifactId>\s*<version>(.*?)</version>",
                            (ROOT / "pom.xml").read_text(encoding="utf-8"))
        client = re.search(r'^version = "(.*)"$', (ROOT / "clients/python/pyproject.toml").read_text(encoding="utf-8"), re.M)
        self.assertEqual(service[1].replace("-SNAPSHOT", ".dev0"), client[1])


if __name__ == "__main__":
    unittest.main()

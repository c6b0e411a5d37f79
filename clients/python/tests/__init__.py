"""The tests of the client, against the real service: `python3 -m unittest` in the directory above."""

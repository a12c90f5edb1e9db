from __future__ import annotations

import os
import sys
import uuid

import pytest

from cspctl.partnercenter.request_ids import new_id


def test_ids_are_random_guids_and_none_comes_twice() -> None:
    ids = [new_id() for _ in range(1000)]
    assert len(set(ids)) == 1000
    assert {uuid.UUID(each).version for each in ids} == {4}


@pytest.mark.skipif(sys.platform != "linux", reason="forks")
def test_a_forked_process_has_ids_of_its_own() -> None:
    new_id()  # there is something left to share
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writer, new_id().encode())
        os._exit(0)
    os.waitpid(child, 0)
    theirs = os.read(reader, 100).decode()
    assert theirs not in {new_id() for _ in range(1000)}

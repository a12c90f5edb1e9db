"""Each of the 55 documented behaviours has at least one test that is named after it: test_rule_NN_…"""

from __future__ import annotations

import ast
import re
from pathlib import Path

_NAMED = re.compile(r"test_rule_(\d\d)_[a-z]")
_RULES = 55


def test_every_rule_has_a_test_of_its_name():
    covered: set[int] = set()
    for file in Path(__file__).parent.rglob("test_*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                found = _NAMED.match(node.name)
                covered |= {int(found[1])} if found else set()
    assert sorted(set(range(1, _RULES + 1)) - covered) == []
    assert max(covered) == _RULES

"""One escape function per target format, for text that others may have written.

Tenant names, friendly names and error texts of the service are hostile input: they may try to move the
cursor, reorder a line, open a link, close a table, mention a team or start a pipeline command.
"""

from __future__ import annotations

import html as _html
import re
import unicodedata

# Characters that show as nothing although they are no controls (Unicode: Default_Ignorable_Code_Point).
_IGNORABLE = "\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0000-\U000e0fff"
_IGNORABLE_RE = re.compile(f"[{_IGNORABLE}]")
_HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})

# Pipelines read the log of a step: `##vso[…]` and `##[…]` anywhere in a line, `::name::` at its start.
_HASH_COMMAND = re.compile(r"##(?=\w*\[)")
_COLON_COMMAND = re.compile(r":(?=:)")

# XML 1.0, section 2.2: every other character makes a document ill-formed.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

# A spreadsheet takes a cell that begins so for a formula, also after blanks or as a full-width sign.
_FORMULA = re.compile(r"^(\s*([=+\-@\uff1d\uff0b\uff0d\uff20]|::)|[\t\r])")
_NUMBER = re.compile(r"^[+-]?\d+(\.\d+)?$", re.ASCII)


def is_hidden(char: str) -> bool:
    """Whether a character is invisible, moves the cursor or reorders text: controls, bidi, zero width."""
    return unicodedata.category(char) in _HIDDEN_CATEGORIES or bool(_IGNORABLE_RE.match(char))


def _code(char: str) -> str:
    point = ord(char)
    if char in "\n\r\t":
        return {"\n": "\\n", "\r": "\\r", "\t": "\\t"}[char]
    if point < 0x100:
        return f"\\x{point:02x}"
    return f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"


def visible(text: str) -> str:
    """Hidden characters as backslash codes, so that nothing is lost and nothing acts."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_code(c) if is_hidden(c) else c for c in text)


def terminal(text: str) -> str:
    """One line for a terminal or a pipeline log: no control, bidi or zero-width character, no log command."""
    return _COLON_COMMAND.sub(": ", _HASH_COMMAND.sub("# #", visible(text)))


def terminal_block(text: str) -> str:
    """The same for several lines: line feeds stay."""
    return "\n".join(terminal(line) for line in text.replace("\r\n", "\n").split("\n"))


def markdown(text: str) -> str:
    """A code span, valid in running text and in table cells.

    GitHub and GitLab resolve mentions, references and addresses after parsing, so backslashes do not stop
    them, but never inside code. A vertical bar would end a table cell even there and is shown as U+2502.
    """
    content = terminal(text).replace("|", "\u2502").strip(" ")
    if not content:
        return "`-`"
    fence = "`" * (_longest_run(content, "`") + 1)
    pad = " " if content.startswith("`") or content.endswith("`") else ""
    return f"{fence}{pad}{content}{pad}{fence}"


def markdown_fence(lines: list[str], info: str = "") -> str:
    """A fenced block whose content cannot end it. `lines` are made visible one by one."""
    shown = [terminal(line) for line in lines]
    fence = "`" * max(3, _longest_run("\n".join(shown), "`") + 1)
    return "\n".join([f"{fence}{info}", *shown, fence])


def html(text: str) -> str:
    """Text and attribute values of HTML."""
    return _html.escape(visible(text), quote=True)


def workflow_data(text: str) -> str:
    """The message of a GitHub workflow command. Source: actions/toolkit, `escapeData`."""
    shown = "\n".join(visible(line) for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    return shown.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def workflow_property(text: str) -> str:
    """A property of a GitHub workflow command. Source: actions/toolkit, `escapeProperty`."""
    return workflow_data(text).replace(":", "%3A").replace(",", "%2C")


def sheet_cell(text: str) -> str:
    """Text for a csv or xlsx cell that no spreadsheet takes for a formula; plain numbers stay as they are.

    Source: OWASP, CSV Injection: prefix a single quote.
    """
    shown = "\n".join(visible(line) for line in text.replace("\r\n", "\n").split("\n"))
    if _FORMULA.match(text) and not _NUMBER.match(text):
        return "'" + shown
    return shown


def xml(text: str) -> str:
    """Text and attribute values of XML 1.0; characters that XML forbids become U+FFFD."""
    shown = _html.escape(_NOT_XML.sub("\ufffd", text), quote=True)
    return shown.replace("\r", "&#13;").replace("\n", "&#10;").replace("\t", "&#9;")


def json_document(document: str) -> str:
    """The same JSON, safe to show: hidden characters and log commands inside strings become \\u codes."""
    document = _HASH_COMMAND.sub(r"\\u0023#", document)
    if document.isascii() and "\x7f" not in document:
        return document
    return "".join(_json_code(c) if ord(c) > 0x7E and is_hidden(c) else c for c in document)


def _json_code(char: str) -> str:
    units = char.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[i] << 8 | units[i + 1]:04x}" for i in range(0, len(units), 2))


def _longest_run(text: str, char: str) -> int:
    return max((len(run) for run in re.findall(f"{re.escape(char)}+", text)), default=0)

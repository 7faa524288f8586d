"""What the decoder says of a wrong shape, as a fault that points to the field."""

import re

from unisono.core.errors import Fault

_PATH = re.compile(r" - at (?:`key` in )?`\$(.*)`$")
_STEP = re.compile(r"\.([^.\[]+)|\[(\d+|\.\.\.)\]")
_FIELD = re.compile(r"(?:required|unknown) field `(.*)`$")
_SENTENCES = (
    ("Object missing required field", "missing_field", "this field is required"),
    ("Object contains unknown field", "unknown_field", "there is no such field here"),
    ("Invalid enum value", "unknown_value", ""),
    ("Invalid value", "unknown_value", ""),
    ("Invalid", "wrong_format", ""),
    ("Integer value out of range", "out_of_range", ""),
    ("Number out of range", "out_of_range", ""),
)


def fault_of(message: str) -> Fault:
    """Return the fault that a message of msgspec tells, its path as a JSON pointer (RFC 6901)."""
    found = _PATH.search(message)
    sentence = message[: found.start()] if found else message
    steps = [name or index for name, index in _STEP.findall(found[1] if found else "")]
    # Of a key of a mapping only the mapping is told; what comes after it cannot be pointed at.
    if "..." in steps:
        steps = steps[: steps.index("...")]
    elif named := _FIELD.search(sentence):
        steps.append(named[1])
    code, detail = _told(sentence)
    return Fault(pointer=pointer(*steps), code=code, detail=detail)


def pointer(*steps: str) -> str:
    """Return the JSON pointer of these steps, escaped."""
    return "".join(f"/{step.replace('~', '~0').replace('/', '~1')}" for step in steps)


def _told(sentence: str) -> tuple[str, str]:
    """Return code and detail of a sentence of the decoder."""
    for start, code, detail in _SENTENCES:
        if sentence.startswith(start):
            return code, detail or sentence.replace("`", "")
    return _code_of_expectation(sentence), sentence.replace("`", "")


def _code_of_expectation(sentence: str) -> str:
    if ", got" in sentence:
        return "wrong_type"
    if "of length" in sentence:
        return "wrong_length"
    if "regex" in sentence:
        return "wrong_format"
    if any(sign in sentence for sign in ("<", ">", "multiple of")):
        return "out_of_range"
    return "wrong_type"

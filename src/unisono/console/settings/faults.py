"""What is wrong with a form of the settings, as a sentence beside each field."""

from collections.abc import Mapping
from types import MappingProxyType

from unisono.console.problems import FAULTS
from unisono.console.words import mark
from unisono.core.errors import InvalidInput, UnisonoError
from unisono.identity.keys import KeyNameTaken
from unisono.identity.people import EmailTaken

Sentences = Mapping[str, str]
"""By the name of a field: the English sentence about it."""

NONE: Sentences = MappingProxyType({})

_OF_FIELD: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("name", "wrong_length"): mark("Write a name."),
        ("email", "wrong_format"): mark("Write a whole e-mail address, such as zoe@shop.example."),
        ("role", "unknown_role"): mark("Choose a role."),
        ("locations", "missing_field"): mark("People of a store need at least one location."),
        ("locations", "unknown_location"): mark("One of these locations does not exist any more."),
        ("password", "wrong_length"): mark("A password has 12 to 1000 characters."),
        ("old_password", "wrong_password"): mark("This is not the password that you have now."),
        ("scopes", "missing_field"): mark("Choose at least one right."),
    }
)
_ANY_FAULT = mark("This value is not accepted.")
_OF_ERROR: Mapping[type[UnisonoError], tuple[str, str]] = MappingProxyType(
    {
        EmailTaken: ("email", mark("Somebody with this e-mail address exists already.")),
        KeyNameTaken: (
            "name",
            mark("A living key has this name. Choose another one, or replace that key."),
        ),
    }
)


def told(refused: UnisonoError) -> Sentences:
    """Return what is wrong with each field: of InvalidInput, EmailTaken or KeyNameTaken."""
    if not isinstance(refused, InvalidInput):
        field, sentence = _OF_ERROR[type(refused)]
        return {field: sentence}
    sentences = {}
    for fault in refused.faults:
        field = fault.pointer.strip("/")
        known = _OF_FIELD.get((field, fault.code)) or FAULTS.get(fault.code)
        sentences[field] = known or _ANY_FAULT
    return sentences

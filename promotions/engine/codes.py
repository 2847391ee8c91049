"""Coupon codes: random, readable over the telephone, with a check character."""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Callable
from typing import Final

# Digits and letters without I, L, O, U (Crockford's base 32: mistaken for 1, 0 and V) and without V
# (so that neither of U and V is in doubt). 31 symbols: a prime, which the check character needs.
ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTWXYZ"

# 31^14 codes are 69 bits: a guess hits one of a million live codes once in 10^15 tries.
RANDOM_CHARACTERS: Final = 14
GROUP: Final = 5

# Longer input is no code; Unicode normalisation of a megabyte is not done for a stranger.
MAX_INPUT: Final = 64

_VALUE: Final = {character: value for value, character in enumerate(ALPHABET)}
_LOOK_ALIKES: Final = str.maketrans("OIL", "011")


def normal_form(text: str) -> str:
    """The one spelling under which a code is stored and looked up.

    Parameters
    ----------
    text : str
        What a shopper typed or pasted: any case, full-width letters, spaces and hyphens of any
        kind, O for 0, I or L for 1.

    Returns
    -------
    str
        Capitals and digits of ASCII. Two inputs that a person would call the same code give the
        same result, and applying it again changes nothing.

    Raises
    ------
    ValueError
        When nothing is left, the input is longer than 64 characters, or it holds a character that
        is neither letter nor digit of ASCII.

    Notes
    -----
    Look-alikes as in D. Crockford, *Base 32* (2002). Compatibility characters by Unicode's NFKC.

    Examples
    --------
    >>> normal_form(" welcome-1o ")
    'WE1C0ME10'
    """
    if len(text) > MAX_INPUT:
        raise ValueError(f"A code has at most {MAX_INPUT} characters; {len(text)} were given.")
    folded = unicodedata.normalize("NFKC", text).upper()
    code = "".join(
        character
        for character in folded
        if unicodedata.category(character) not in {"Zs", "Pd", "Cc", "Cf"}
    ).translate(_LOOK_ALIKES)
    if not (code.isascii() and code.isalnum() and len(code) <= MAX_INPUT):
        raise ValueError(f"{text!r} is no code; letters A to Z and digits are allowed.")
    return code


def check_character(body: str) -> str:
    """Character that makes a slip of the hand visible.

    Parameters
    ----------
    body : str, at most 30 characters
        Normal form of the random part.

    Returns
    -------
    str
        One character of the alphabet.

    Raises
    ------
    ValueError
        When the body is empty, longer than 30 characters or holds a character outside the alphabet.

    Notes
    -----
    Weighted sum modulo 31, position ``i`` (from 1) weighing ``i``: since 31 is prime and all
    weights differ, every single wrong character and every swap of two unlike characters changes
    it. The scheme of ISBN-10 (ISO 2108), with 31 in place of 11.

    Examples
    --------
    >>> check_character("AB"), check_character("BA")
    ('1', '0')
    """
    if not 1 <= len(body) <= len(ALPHABET) - 1 or not set(body) <= _VALUE.keys():
        raise ValueError(f"{body!r} is not 1 to 30 characters of {ALPHABET}.")
    total = sum(weight * _VALUE[character] for weight, character in enumerate(body, start=1))
    return ALPHABET[total % len(ALPHABET)]


def generated_code(randbelow: Callable[[int], int] = secrets.randbelow) -> str:
    """A new code that nobody can guess.

    Parameters
    ----------
    randbelow : callable
        Source of random integers below its argument; the system's secure one unless a test says
        otherwise.

    Returns
    -------
    str
        14 random characters and the check character in groups of five, joined by hyphens.

    Examples
    --------
    >>> generated_code(lambda below: 30)
    'ZZZZZ-ZZZZZ-ZZZZK'
    """
    body = "".join(ALPHABET[randbelow(len(ALPHABET))] for _ in range(RANDOM_CHARACTERS))
    code = body + check_character(body)
    return "-".join(code[start : start + GROUP] for start in range(0, len(code), GROUP))


def has_valid_check(code: str) -> bool:
    """Whether a code in normal form could have been generated here.

    Parameters
    ----------
    code : str
        A code in normal form.

    Returns
    -------
    bool
        False also for another length and for characters outside the alphabet, such as those of a
        code that a merchant has chosen.

    Examples
    --------
    >>> has_valid_check("ZZZZZZZZZZZZZZK"), has_valid_check("ZZZZZZZZZZZZZYK")
    (True, False)
    """
    if len(code) != RANDOM_CHARACTERS + 1 or not set(code) <= _VALUE.keys():
        return False
    return check_character(code[:-1]) == code[-1]

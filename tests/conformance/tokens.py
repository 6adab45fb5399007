"""What the octets of a segment may be called: the steps expected of it, in order."""
import re
from collections import namedtuple

# One of these steps; `optional` where the octets do not tell yet.
Token = namedtuple('Token', 'steps optional')
LIMIT = 12  # a verdict keeps 15 steps, those of the header included


def token(*steps, optional=False):
    """A token of these steps."""
    return Token(frozenset(steps), optional)


ANY = token(optional=True)


def pattern(item, letter):
    """The expression for a token. Equal neighbours are one, so that a token may hide in the one before it."""
    if item == ANY:
        return '.*'
    choice = '[%s]' % ''.join(letter[step] for step in item.steps)
    return choice + '*' if item.optional else '(?:%s+|(?<=%s))' % (choice, choice)


def fits(tokens, steps):
    """Whether these steps say what the tokens ask for. What a verdict has no room for is left out."""
    names = sorted({step for item in tokens for step in item.steps} | set(steps))
    letter = {name: chr(0x100 + at) for at, name in enumerate(names)}
    text = ''.join(letter[step] for step in steps)
    expressions = [pattern(item, letter) for item in tokens]
    if re.fullmatch(''.join(expressions), text):
        return True
    return len(steps) >= LIMIT and any(re.fullmatch(''.join(expressions[:count]), text) for count in range(len(tokens)))

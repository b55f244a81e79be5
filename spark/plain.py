"""Plain records, which Spark's own expressions on the JVM judge: what nearly all records are.

A record is plain when one regular expression says so: a JSON object of at most two levels without
escapes, or a line of csv without quotes, in which each needed field has a plain value wherever it
stands. The expression walks a text once and finds all that is needed. It means the same in Java
and in Python, so tests/fuzz holds it against the judge. Nothing here knows Spark. What is not
plain is left to sale.py and judge.py.
"""

import re
from typing import NamedTuple, Optional

from rules import Constant

_SPACE = r"[ \t\n\r]*+"
_STRING = r'"[^"\\\x00-\x1f]*+"'
_NUMBER = r"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?+(?:[eE][+-]?[0-9]++)?+"
_SCALAR = rf"(?:{_STRING}|{_NUMBER}|true|false|null)"
# What a plain value is, by the kind of the rule. 64 characters have at most 256 bytes.
_NAME = r'[^"\\\x00-\x1f\x7f-\x9f]{1,64}+'
_WORD = r'[^"\\\x00-\x1f\x7f-\x9f]{0,64}+'
_CSV_TEXT = r'[^",\x00-\x1f\x7f-\x9f]{1,64}+'
_WHOLE_NUMBER = "(?:0|[1-9][0-9]{0,8})"
# No plain text has the character 0, see Plan.found.
_OTHER_FIELD = r'[^",\r\n\x00]*+'
_END = r"(?![\s\S])"


class Piece(NamedTuple):
    """Of what is found in a plain record, by its number from 1."""

    number: int


class Plan(NamedTuple):
    pattern: str  # a regular expression of the whole text of a plain record
    pieces: int  # how many it finds
    product: object  # Piece or Constant
    quantity: object  # Piece or Constant, a whole number of units
    is_price: bool
    money: object
    places: int  # the point of the money moves to the left by these
    only: tuple  # of (Piece, is negated, words)

    @property
    def found(self):
        """What Java replaces a plain text with: its pieces, each behind a character 0.

        No plain text has this character, so a text that this changes is a plain one.
        """
        return "".join(f"\0${group}" for group in self.groups)

    @property
    def groups(self):
        """Of the pieces: an empty group behind each says that it was found."""
        return range(1, 2 * self.pieces, 2)


class Need(NamedTuple):
    """A field by its key or column, and what it can have: in JSON, and as a field of csv."""

    key: str
    json: str
    csv: str


def flat_plan():
    """The flat sale is stricter than a mapping: numbers are no texts."""
    needs = (
        Need("product", f'"{_NAME}"', ""),
        Need("quantity", "[1-9][0-9]{0,8}", ""),
        Need("price", r"(?:0|[1-9][0-9]{0,11})(?:\.[0-9]{1,6})?", ""),
    )
    product, quantity, price = (Piece(number) for number in (1, 2, 3))
    return Plan(_object(_by_key(needs)), 3, product, quantity, True, price, 0, ())


def plan_of(mapping, currency) -> Optional[Plan]:
    """None when the mapping asks for more than plain fields: then all records go to the judge."""
    if mapping.lines is not None or mapping.minus is not None:
        return None
    product = _text_need(mapping.product)
    money, places = _number_need(mapping.money)
    quantity, quantity_places = Constant("1"), 0
    if mapping.quantity is not None:
        quantity, quantity_places = _number_need(mapping.quantity, is_whole=True)
    filters = [_filter_need(condition) for condition in mapping.only]
    all_needs = [product, money, quantity, *filters]
    if mapping.currency is not None:
        all_needs.append(_currency_need(mapping.currency, currency))
    if None in all_needs or quantity_places:
        return None
    needs = _by_key(need for need in all_needs if isinstance(need, Need))
    if not needs:
        return None
    if mapping.columns is not None:
        needs = {column: needs[column] for column in mapping.columns if column in needs}

    def piece(need):
        return need if isinstance(need, Constant) else Piece(list(needs).index(need.key) + 1)

    only = tuple(
        (piece(need), condition.is_negated, condition.words)
        for need, condition in zip(filters, mapping.only)
    )
    pattern = _object(needs) if mapping.columns is None else _line(needs, mapping.columns)
    product, quantity, money = map(piece, (product, quantity, money))
    return Plan(pattern, len(needs), product, quantity, mapping.is_price, money, places, only)


def judge_plain(plan, text):
    """As the JVM does: the lines of a plain record, or None when it is not plain."""
    match = re.search(plan.pattern, text)
    if match is None:
        return None
    pieces = [match[group].replace('"', "") for group in plan.groups]

    def found(source):
        return source.text if isinstance(source, Constant) else pieces[source.number - 1]

    for piece, is_negated, words in plan.only:
        if (found(piece) in words) == is_negated:
            return []
    quantity = int(found(plan.quantity)) * 10**6
    whole, _, decimals = found(plan.money).partition(".")
    micros = int(whole + decimals.ljust(6 - plan.places, "0"))
    amount = quantity * micros // 10**6 if plan.is_price else micros
    return [(found(plan.product), quantity, amount, False)]


def _key_of(path):
    """The only key of a path, when a plain record can have it."""
    is_of_value = path.origin in ("line", "record") and len(path.steps) == 1
    key = path.steps[0] if is_of_value else None
    is_plain = isinstance(key, str) and not re.search(r'["\\\x00-\x1f]', key)
    return key if is_plain else None


def _only_key(sources):
    source = sources[0]
    return None if len(sources) > 1 or isinstance(source, Constant) else _key_of(source)


def _text_need(parts):
    if len(parts) > 1:
        return None
    if isinstance(parts[0][0], Constant):
        text = parts[0][0].text
        return parts[0][0] if re.fullmatch(r"[ -~]{1,64}", text) else None
    key = _only_key(parts[0])
    return None if key is None else Need(key, f'"{_NAME}"', _CSV_TEXT)


def _number_need(rule, is_whole=False):
    """(what is needed, places that the point moves); the former is None when it is not plain."""
    term = rule.terms[0]
    places = term.shift or 0
    key = None if isinstance(term.sources[0], Constant) else _only_key(term.sources)
    is_simple = len(rule.terms) == 1 and rule.round is None and term.decimal is None
    if not is_simple or not isinstance(places, int) or places > 6:
        return None, 0
    decimals = "" if is_whole or places == 6 else rf"(?:\.[0-9]{{1,{6 - places}}})?"
    number = _WHOLE_NUMBER + decimals
    if isinstance(term.sources[0], Constant):
        return (term.sources[0] if re.fullmatch(number, term.sources[0].text) else None), places
    if key is None:
        return None, 0
    return Need(key, f'(?:{number}|"{number}")', number), places


def _filter_need(condition):
    key = _key_of(condition.path)
    if key is None or condition.words is None:
        return None
    return Need(key, f'(?:"{_WORD}"|{_NUMBER}|true|false)', _CSV_TEXT)


def _currency_need(parts, currency):
    key = _only_key(parts[0]) if len(parts) == 1 else None
    if key is None or not re.fullmatch("[A-Za-z]+", currency):
        return None
    letters = "".join(f"[{letter.upper()}{letter.lower()}]" for letter in currency)
    return Need(key, f'"{letters}"', letters)


def _by_key(needs):
    """Key → what its value must be: all of these."""
    by_key = {}
    for need in needs:
        by_key.setdefault(need.key, []).append(need)
    return by_key


def _object(needs):
    """The whole text is an object with these keys, each with plain values only.

    Of a key that stands twice, the last value is found, and that counts.
    """
    inner = rf"{_SPACE}{_SCALAR}{_SPACE}"
    pair = rf"{_SPACE}{_STRING}{_SPACE}:{inner}"
    items = rf"\[(?:{_SPACE}\]|{inner}(?:,{inner})*+\])"
    object_ = rf"\{{(?:{_SPACE}\}}|{pair}(?:,{pair})*+\}})"
    value = rf"(?:{_SCALAR}|{items}|{object_})"
    own = [
        rf"{_key(key)}{_SPACE}{_value([need.json for need in own], f'{_SPACE}[,}}]')}"
        for key, own in needs.items()
    ]
    other = rf"(?!{'|'.join(map(_key, needs))}){_STRING}{_SPACE}:{_SPACE}{value}"
    member = rf"{_SPACE}(?:{'|'.join(own)}|{other}){_SPACE}"
    # Behind each member is a comma, but not behind the last one: each group stands here only once.
    members = rf"(?:{member}(?:,|(?=\}})))*+(?<!,)"
    return rf"^{_SPACE}\{{{members}\}}{_SPACE}{_all_found(needs)}{_END}"


def _line(needs, columns):
    """The whole text is a line without quotes that has plain values in these columns."""
    fields = [
        _value([need.csv for need in needs[column]], f"(?:,|{_END})")
        if column in needs
        else _OTHER_FIELD
        for column in columns
    ]
    return f"^{','.join(fields)}{_END}"


def _key(key):
    return rf'"{_escaped(key)}"{_SPACE}:'


def _value(patterns, behind):
    """A group of what fits all patterns, and an empty one."""
    first, *others = dict.fromkeys(patterns)
    return "".join(f"(?={other}{behind})" for other in others) + f"({first})()"


def _all_found(needs):
    """Empty, but only when the empty group of each value is there."""
    return "".join(rf"\{2 * number}" for number in range(1, len(needs) + 1))


def _escaped(text):
    """As Java and Python both read it."""
    return re.sub(r"([!-/:-@\[-`{-~ ])", r"\\\1", text)

"""Plain records, which Spark's own expressions on the JVM judge: what nearly all records are.

A record is plain when one regular expression says so: a JSON object of at most two levels without
escapes, or a line of csv without quotes, in which each needed field stands once and has a plain
value. The expressions mean the same in Java and in Python, so tests/fuzz/spark.test.ts holds them
against the judge. Nothing here knows Spark. What is not plain is left to sale.py and judge.py.
"""

import re
from typing import NamedTuple, Optional

from rules import Constant

# In bytes; a longer record would need a deep stack in Java's regular expressions.
LENGTH_MAX = 2_000
_SPACE = r"[ \t\n\r]*+"
_STRING = r'"[^"\\\x00-\x1f]*+"'
_NUMBER = r"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?+(?:[eE][+-]?[0-9]++)?+"
_SCALAR = rf"(?:{_STRING}|{_NUMBER}|true|false|null)"
# What a plain value is, by the kind of the rule. 64 characters have at most 256 bytes.
_NAME = r'[^"\\\x00-\x1f\x7f-\x9f]{1,64}+'
_WORD = r'[^"\\\x00-\x1f\x7f-\x9f]{0,64}+'
_CSV_TEXT = r'[^",\x00-\x1f\x7f-\x9f]{1,64}+'
_WHOLE_NUMBER = "(?:0|[1-9][0-9]{0,8})"
_OTHER_FIELD = r'[^",\r\n]*+'
_END = r"(?![\s\S])"


class Field(NamedTuple):
    """What the first group of `pattern` finds in the whole text of a record."""

    pattern: str


class Plan(NamedTuple):
    is_plain: str  # a regular expression of the whole text
    product: object  # Field or Constant
    quantity: object  # Field or Constant, a whole number of units
    is_price: bool
    money: object
    places: int  # the point of the money moves to the left by these
    only: tuple  # of (Field, is negated, words)


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
    product, quantity, price = (Field(_json_field(need)) for need in needs)
    return Plan(_whole(needs, _json_field), product, quantity, True, price, 0, ())


def plan_of(mapping, currency) -> Optional[Plan]:
    """None when the mapping asks for more than plain fields: then all records go to the judge."""
    columns = mapping.columns
    if mapping.lines is not None or mapping.minus is not None:
        return None
    needs = [_text_need(mapping.product)]
    money, places = _number_need(mapping.money)
    needs.append(money)
    quantity = Constant("1")
    if mapping.quantity is not None:
        quantity, quantity_places = _number_need(mapping.quantity, is_whole=True)
        if quantity_places:
            return None
        needs.append(quantity)
    filters = [_filter_need(condition) for condition in mapping.only]
    needs.extend(filters)
    if mapping.currency is not None:
        needs.append(_currency_need(mapping.currency, currency))
    if None in needs:
        return None
    find = _json_field if columns is None else lambda need: _csv_field(need, columns)
    fields = [need if isinstance(need, Constant) else Field(find(need)) for need in needs]
    keys = [need for need in needs if isinstance(need, Need)]
    only = tuple(
        (Field(find(need)), condition.is_negated, condition.words)
        for need, condition in zip(filters, mapping.only)
    )
    is_plain = _whole(keys, find) if keys else None
    if is_plain is None:
        return None
    quantity = fields[2] if mapping.quantity is not None else quantity
    return Plan(is_plain, fields[0], quantity, mapping.is_price, fields[1], places, only)


def judge_plain(plan, text):
    """As the JVM does: the lines of a plain record, or None when it is not plain."""
    if len(text.encode()) > LENGTH_MAX or not re.search(plan.is_plain, text):
        return None
    for field, is_negated, words in plan.only:
        if (_found(field, text) in words) == is_negated:
            return []
    quantity = int(_found(plan.quantity, text)) * 10**6
    whole, _, decimals = _found(plan.money, text).partition(".")
    micros = int(whole + decimals.ljust(6 - plan.places, "0"))
    amount = quantity * micros // 10**6 if plan.is_price else micros
    return [(_found(plan.product, text), quantity, amount, False)]


def _found(field, text):
    if isinstance(field, Constant):
        return field.text
    return re.search(field.pattern, text)[1].replace('"', "")


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


def _whole(needs, find):
    """All needs, each looked for in the whole text."""
    return "^" + "".join(f"(?={find(need)[1:]})" for need in dict.fromkeys(needs))


def _json_field(need):
    """The whole text is an object with this key once, and a plain value behind the key."""
    inner = rf"{_SPACE}{_SCALAR}{_SPACE}"
    pair = rf"{_SPACE}{_STRING}{_SPACE}:{inner}"
    items = rf"\[(?:{_SPACE}\]|{inner}(?:,{inner})*+\])"
    members = rf"\{{(?:{_SPACE}\}}|{pair}(?:,{pair})*+\}})"
    value = rf"(?:{_SCALAR}|{items}|{members})"
    key = rf'"{_escaped(need.key)}"{_SPACE}:'
    other = rf"{_SPACE}(?!{key}){_STRING}{_SPACE}:{_SPACE}{value}{_SPACE}"
    own = rf"{_SPACE}{key}{_SPACE}({need.json}){_SPACE}"
    return rf"^{_SPACE}\{{(?:{other},)*+{own}(?:,{other})*+\}}{_SPACE}{_END}"


def _csv_field(need, columns):
    """The whole text is a line without quotes that has a plain value in this column."""
    at = columns.index(need.key)
    before = rf"(?:{_OTHER_FIELD},){{{at}}}"
    behind = rf"(?:,{_OTHER_FIELD}){{{len(columns) - 1 - at}}}"
    return f"^{before}({need.csv}){behind}{_END}"


def _escaped(text):
    """As Java and Python both read it."""
    return re.sub(r"([!-/:-@\[-`{-~ ])", r"\\\1", text)

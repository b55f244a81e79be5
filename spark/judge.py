"""What a mapping makes of a record: the rules of docs/mapping.md, again, in Python.

Times are left out, because they never cost a sale and this job keeps no history. Nothing here
knows Spark. tests/fuzz/spark.test.ts holds it against the original, case by case.
"""

import base64
import binascii
import re

from rules import EACH, JSON, Constant, Path
from sale import NotASale, Number, decode_text, described, excerpt, parse_json, product_problem

MICROS = 10**6
QUANTITY_MAX = 10**9
MONEY_MAX = 10**12
LINES_MAX = 10_000
# Bounds of a number in the record: digits before its point, and behind.
WHOLE_DIGITS_MAX = 60
SCALE_MAX = 1_100
DECIMAL_BYTES_MAX = 64

_NUMBER = re.compile(r"[ \t]*([+-]?)([0-9]*)(?:\.([0-9]*))?(?:[eE]([+-]?)([0-9]+))?[ \t]*")
_BASE64 = re.compile(r"[A-Za-z0-9+/]*={0,2}")
_MISSING = object()


class Judge:
    """Of one mapping. A line is (product, quantity, amount, is a return), both in millionths."""

    def __init__(self, mapping, currency="USD"):
        self.mapping = mapping
        self.currency = _upper(currency)
        self.outside = [c for c in mapping.only if c.path.origin in ("key", "topic", "header")]
        is_of_record = [not mapping.lines or c.path.origin != "line" for c in mapping.only]
        self.on_record = [c for c, yes in zip(mapping.only, is_of_record) if yes]
        self.on_line = [c for c, yes in zip(mapping.only, is_of_record) if not yes]

    def judge(self, value, key=None, headers=(), topic=""):
        """The lines; none at all when the record is filtered. Raises NotASale."""
        if value is None:
            return []
        record = _Record(key, headers, topic)
        if any(_answer(condition, record, None) is False for condition in self.outside):
            return []
        record.root = self._decode(bytes(value))
        if not _all(self.on_record, record, record.root):
            return []
        lines = self._lines(record) if self.mapping.lines else [record.root]
        return [self._line(record, line) for line in lines if _all(self.on_line, record, line)]

    def _decode(self, value):
        columns = self.mapping.columns
        if columns is not None:
            return decode_csv(decode_text(value), columns)
        has_prefix = len(value) >= 5 and value[0] == 0
        return parse_json(decode_text(value[5:] if has_prefix else value))

    def _lines(self, record):
        path = self.mapping.lines
        found = [_start(path, record, None, "lines")]
        is_first = True
        for step in path.steps:
            if step != EACH:
                found = [_step(value, step, "lines") for value in found]
                continue
            lists = [self._array(value, is_first) for value in found]
            found = [element for elements in lists for element in elements]
            is_first = False
        if len(found) > LINES_MAX:
            raise NotASale(f"lines: more than {LINES_MAX} in one record")
        return found

    def _array(self, value, is_first):
        if isinstance(value, list):
            return value
        if _is_there(value):
            raise NotASale(f"lines: must be an array, received {described(value)}")
        if is_first:
            raise NotASale(f"lines: nothing at {printed(self.mapping.lines)}")
        return []

    def _line(self, record, line):
        mapping = self.mapping
        if mapping.currency is not None:
            currency = _joined(mapping.currency, record, line, "currency")
            if _upper(currency) != self.currency:
                raise NotASale(f"currency: must be {self.currency}, received {quoted(currency)}")
        product = _joined(mapping.product, record, line, "product")
        problem = product_problem(product)
        if problem:
            raise NotASale(f"product: {problem}")
        quantity = MICROS
        if mapping.quantity is not None:
            quantity = _micros(mapping.quantity, record, line, "quantity", QUANTITY_MAX)
        rule = "price" if mapping.is_price else "amount"
        money = _micros(mapping.money, record, line, rule, MONEY_MAX)
        is_return = quantity < 0 or money < 0
        if is_return and not mapping.subtracts:
            name = "quantity" if quantity < 0 else rule
            raise NotASale(f"{name}: must not be negative without the rule returns: subtract")
        amount = money
        if mapping.is_price:
            amount, rest = divmod(quantity * money, MICROS)
            if rest:
                raise NotASale(
                    "price: must have at most 6 decimals once multiplied by the quantity"
                )
        if not is_return and mapping.minus is not None:
            is_return = _condition(mapping.minus, record, line)
        if is_return:
            quantity, amount = -abs(quantity), -abs(amount)
        return product, quantity, amount, is_return


class _Record:
    def __init__(self, key, headers, topic):
        self.key = key
        self.headers = headers
        self.topic = topic
        self.root = _MISSING


def _is_there(value):
    return value is not _MISSING and value is not None


def _start(path, record, line, rule):
    if path.origin == "line":
        return line
    if path.origin == "record":
        return record.root
    if path.origin == "topic":
        return record.topic
    found = record.key
    if path.origin == "header":
        values = [value for name, value in record.headers or () if name == path.header]
        found = values[-1] if values else None
    if found is None:
        return _MISSING
    try:
        return bytes(found).decode("utf-8")
    except UnicodeDecodeError:
        raise NotASale(f"{rule}: must be UTF-8 at {printed(path)}") from None


def _at(path, record, line, rule):
    value = _start(path, record, line, rule)
    for step in path.steps:
        value = _step(value, step, rule)
    return value


def _step(value, step, rule):
    if not _is_there(value):
        return _MISSING
    if step == JSON:
        if isinstance(value, str) and not isinstance(value, Number):
            try:
                return parse_json(value)
            except NotASale:
                pass
        raise NotASale(f"{rule}: must be a text with JSON in it, received {described(value)}")
    if isinstance(step, int):
        is_there = isinstance(value, list) and step < len(value)
        return value[step] if is_there else _MISSING
    return value.get(step, _MISSING) if isinstance(value, dict) else _MISSING


def _all(conditions, record, line):
    """One that says no decides, even when another cannot be read."""
    answers = [_answer(condition, record, line) for condition in conditions]
    if any(answer is False for answer in answers):
        return False
    for answer in answers:
        if answer is not True:
            raise answer
    return True


def _answer(condition, record, line):
    """True, False, or the NotASale that says why it cannot be read."""
    try:
        return _condition(condition, record, line)
    except NotASale as problem:
        return problem


def _condition(condition, record, line):
    value = _at(condition.path, record, line, "only")
    if condition.words is None:
        holds = _is_there(value)
    else:
        text = _text(value)
        holds = text is not None and text in condition.words
    return holds != condition.is_negated


def _text(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str) else None


def _first(sources, record, line, rule):
    for source in sources:
        if isinstance(source, Constant):
            return source
        value = _at(source, record, line, rule)
        if _is_there(value):
            return value
    raise NotASale(f"{rule}: nothing at {' or '.join(map(printed, sources))}")


def _joined(parts, record, line, rule):
    text = ""
    for sources in parts:
        value = _first(sources, record, line, rule)
        piece = value.text if isinstance(value, Constant) else _text(value)
        if piece is None:
            raise NotASale(
                f"{rule}: must be a text, a number or a boolean, received {described(value)}"
            )
        text += piece
    # Halves of a character that meet here are that character, as in ECMAScript.
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def _micros(rule, record, line, name, most):
    """A sum in millionths, exactly. Raises NotASale."""
    terms = [_term(term, record, line, name) for term in rule.terms]
    scale = max(scale for _, scale in terms)
    units = sum(units * 10 ** (scale - own) for units, own in terms)
    if rule.round is not None and scale > rule.round:
        units, scale = _half_to_even(units, 10 ** (scale - rule.round)), rule.round
    if scale <= 6:
        micros, rest = units * 10 ** (6 - scale), 0
    else:
        micros, rest = divmod(units, 10 ** (scale - 6))
    if rest or abs(micros) > most * MICROS:
        raise NotASale(f"{name}: must be from -{most} to {most} with at most 6 decimals")
    return micros


def _half_to_even(units, divisor):
    down, rest = divmod(units, divisor)
    is_up = rest * 2 > divisor or (rest * 2 == divisor and down % 2 == 1)
    return down + 1 if is_up else down


def _term(term, record, line, name):
    value = _first(term.sources, record, line, name)
    if term.decimal is not None and not isinstance(value, Constant):
        units, scale = _decimal(value, name), term.decimal
    else:
        units, scale = _number(value, name)
    if isinstance(term.shift, Path):
        scale += _places(term.shift, record, line, name)
    elif term.shift is not None:
        scale += term.shift
    return (-units if term.is_negative else units), scale


def _number(value, name):
    """(units, scale): the value is units / 10^scale."""
    text = value.text if isinstance(value, Constant) else value
    match = _NUMBER.fullmatch(text) if isinstance(text, str) else None
    if not match or not (match[2] or match[3]):
        raise NotASale(f"{name}: must be a number, received {described(value)}")
    sign, whole, fraction, exponent_sign, exponent = match.groups("")
    digits = (whole + fraction).lstrip("0")
    significant = digits.rstrip("0")
    if not significant:
        return 0, 0
    exponent = exponent.lstrip("0")
    power = 10**15 if len(exponent) > 15 else int(exponent or "0")
    power = -power if exponent_sign == "-" else power
    scale = len(fraction) - power - (len(digits) - len(significant))
    if len(significant) - scale > WHOLE_DIGITS_MAX or scale > SCALE_MAX:
        raise NotASale(f"{name}: must be a number of fewer digits, received {excerpt(text)}")
    units = int(significant) * 10 ** max(0, -scale)
    return (-units if sign == "-" else units), max(0, scale)


def _decimal(value, name):
    is_text = isinstance(value, str) and not isinstance(value, Number)
    if is_text and len(value) % 4 == 0 and _BASE64.fullmatch(value):
        try:
            decoded = base64.b64decode(value)
        except binascii.Error:
            decoded = b""
        if 1 <= len(decoded) <= DECIMAL_BYTES_MAX:
            return int.from_bytes(decoded, "big", signed=True)
    raise NotASale(
        f"{name}: must be 1 to {DECIMAL_BYTES_MAX} bytes of a decimal, or such in base64, "
        f"received {described(value)}"
    )


def _places(path, record, line, name):
    value = _first((path,), record, line, name)
    units, scale = _number(value, name)
    places, rest = divmod(units, 10**scale)
    if rest or not 0 <= places <= 38:
        raise NotASale(f"{name}: must have an integer from 0 to 38 as exponent")
    return places


def decode_csv(text, columns):
    """RFC 4180: one record without a header. Raises NotASale."""
    text = re.sub(r"\r?\n\Z", "", text)
    fields, at = [], 0
    while True:
        match = _QUOTED.match(text, at) or _PLAIN.match(text, at)
        if text.startswith('"', at) and not match[0]:
            raise NotASale(f"csv: no closing quote in column {len(fields) + 1}")
        quoted_field = match.groupdict().get("field")
        fields.append(
            (match[0] or None) if quoted_field is None else quoted_field.replace('""', '"')
        )
        at = match.end()
        if at == len(text):
            break
        if text[at] != ",":
            raise NotASale(f"csv: an unexpected character in column {len(fields)}")
        at += 1
    if len(fields) != len(columns):
        raise NotASale(f"csv: {len(fields)} columns, expected {len(columns)}")
    return dict(zip(columns, fields))


_QUOTED = re.compile(r'"(?P<field>(?:[^"]|"")*)"')
_PLAIN = re.compile(r'[^",\r\n]*')


def quoted(text):
    return described(text).removeprefix("the string ")


def printed(source):
    """A path as a user writes it."""
    if isinstance(source, Constant):
        return source.text
    starts = {"line": "", "record": "$", "key": "$key", "topic": "$topic"}
    text = starts.get(source.origin, f"$header.{source.header}")
    for step in source.steps:
        if step == JSON:
            text = f"json({text})"
        elif step == EACH:
            text += "[]"
        elif isinstance(step, int):
            text += f"[{step}]"
        else:
            text += f".{step}" if text else step
    return text


def _upper(text):
    return re.sub("[a-z]+", lambda letters: letters[0].upper(), text)

"""What a sale is: the rules of Salesboard's src/mapping/flat.ts and src/domain/sale.ts, and their words, again.

Exact: a number stays the text it was in the JSON, and becomes an integer of millionths. Nothing
here knows Spark. tests/fuzz/spark.test.ts holds it against the original, case by case.
"""

import json
import re
from json.decoder import scanstring

PRODUCT_BYTES_MAX = 256
QUANTITY_MAX = 1_000_000_000
PRICE_MAX = 1_000_000_000_000
PRICE_DECIMALS = 6
# A larger exponent is as wrong as this one: no record is long enough to bring it back.
EXPONENT_MAX = 10**15

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_NUMBER_PARTS = re.compile(r"(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?)([0-9]+))?")
_SPACE = re.compile(r"[ \t\n\r]*")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_MISSING = object()


class NotASale(Exception):
    """The bytes are no sale; the message says why, in the words of a dead letter's header."""


class Number(str):
    """A number as it stood in the JSON text: parsing it into a float would round it."""


def read_sale(value):
    """(product, quantity, price in millionths). Raises NotASale."""
    if value is None:
        raise NotASale("the record has no value")
    sale = parse_json(decode_text(value))
    if not isinstance(sale, dict):
        # A number by itself is described by its type, in a field by its text.
        received = "number" if isinstance(sale, Number) else described(sale)
        raise NotASale(f"a sale must be a JSON object, received {received}")
    problems = []
    product = _field(problems, _product, sale)
    quantity = _field(problems, _quantity, sale)
    price = _field(problems, _price, sale)
    if problems:
        raise NotASale("; ".join(problems))
    return product, quantity, price


def format_amount(micros):
    """Millionths as "20999.58": at least two decimals, no trailing zeros beyond them."""
    digits = str(abs(micros)).rjust(PRICE_DECIMALS + 1, "0")
    decimals = digits[-PRICE_DECIMALS:].rstrip("0").ljust(2, "0")
    return f"{'-' if micros < 0 else ''}{digits[:-PRICE_DECIMALS]}.{decimals}"


def decode_text(value):
    """Raises NotASale when the bytes are not UTF-8."""
    try:
        # As TextDecoder does with `fatal`; a byte order mark stays, and is no JSON.
        return bytes(value).decode("utf-8")
    except UnicodeDecodeError:
        raise NotASale("the value is not valid UTF-8") from None


def parse_json(text):
    """Strict JSON (RFC 8259) with its numbers as `Number`; of a field that stands twice, the last."""
    if text == "":
        raise NotASale("the value is empty")
    try:
        try:
            return json.loads(
                text, parse_int=Number, parse_float=Number, parse_constant=_refuse
            )
        except RecursionError:
            return _parse_deep(text)
    except ValueError:
        looks = next((f": {what}" for what, pattern in _LOOKS if pattern.search(text)), "")
        raise NotASale(f"the value is not JSON{looks}") from None


# What a text that is not JSON may be instead, as src/mapping/formats/json.ts has it.
_LOOKS = (
    ("it begins with a byte order mark", re.compile(r"\A\ufeff")),
    ("it looks like XML", re.compile(r"\A[ \t\r\n]*<")),
    ("its texts are in single quotes", re.compile(r"\A[ \t\r\n]*[{\[][ \t\r\n]*'")),
    ("NaN is no number", re.compile(r"[:,\[][ \t\r\n]*-?(?:NaN|Infinity)[ \t\r\n]*[,}\]]")),
)


def _refuse(constant):
    raise ValueError(f"{constant} is not JSON")


def _parse_deep(text):
    """The same for any depth of nesting, where json's recursion ends: a stack instead of calls."""
    open_ = []  # containers, each with the key that waits for its value
    at, wanted = 0, "value"
    while True:
        at = _SPACE.match(text, at).end()
        char = text[at : at + 1]
        if open_ and wanted in ("more", "first") and char == _close(open_[-1][0]):
            value = open_.pop()[0]
            at += 1
        elif wanted == "more":
            if char != ",":
                raise ValueError("no comma")
            at, wanted = at + 1, "value"
            continue
        else:
            if open_ and isinstance(open_[-1][0], dict):
                open_[-1][1], at = _key(text, at)
            value, at = _shallow_value(text, at)
            if isinstance(value, (dict, list)):
                open_.append([value, None])
                wanted = "first"
                continue
        if not open_:
            if _SPACE.match(text, at).end() != len(text):
                raise ValueError("more text after the value")
            return value
        container, key = open_[-1]
        if isinstance(container, dict):
            container[key] = value
        else:
            container.append(value)
        wanted = "more"


def _close(container):
    return "}" if isinstance(container, dict) else "]"


def _key(text, at):
    """The key that starts here, and where its value does."""
    if text[at : at + 1] != '"':
        raise ValueError("no key")
    key, at = scanstring(text, at + 1, True)
    at = _SPACE.match(text, at).end()
    if text[at : at + 1] != ":":
        raise ValueError("no colon")
    return key, _SPACE.match(text, at + 1).end()


def _shallow_value(text, at):
    """The value that starts here and where it ends; of a container, an empty one and its start."""
    char = text[at : at + 1]
    if char in ("{", "["):
        return ({} if char == "{" else []), at + 1
    if char == '"':
        return scanstring(text, at + 1, True)
    for word, value in (("true", True), ("false", False), ("null", None)):
        if text.startswith(word, at):
            return value, at + len(word)
    number = _NUMBER.match(text, at)
    if number is None:
        raise ValueError("no value")
    return Number(number.group()), number.end()


def _field(problems, read, sale):
    try:
        return read(sale)
    except NotASale as problem:
        problems.append(str(problem))
        return None


def _product(sale):
    name = sale.get("product", _MISSING)
    if not isinstance(name, str) or isinstance(name, Number):
        raise NotASale(f"product must be a string, received {described(name)}")
    problem = product_problem(name)
    if problem:
        raise NotASale(f"product {problem}")
    return name


def product_problem(name):
    """Why `name` is no product; None when it is one."""
    if name == "":
        return "must not be empty"
    if _SURROGATE.search(name):
        return "must not contain a lone surrogate"
    size = len(name.encode("utf-8"))
    if size > PRODUCT_BYTES_MAX:
        return f"must have at most {PRODUCT_BYTES_MAX} bytes of UTF-8, received {size}"
    if _CONTROL.search(name):
        return "must not contain control characters"
    return None


def _quantity(sale):
    text = _number(sale, "quantity")
    value = _parse_decimal(text, decimals=0, largest=QUANTITY_MAX)
    if value is None or value < 1:
        raise NotASale(
            f"quantity must be an integer from 1 to {QUANTITY_MAX}, received {excerpt(text)}"
        )
    return value


def _price(sale):
    text = _number(sale, "price")
    largest = PRICE_MAX * 10**PRICE_DECIMALS
    value = _parse_decimal(text, decimals=PRICE_DECIMALS, largest=largest)
    if value is None:
        raise NotASale(
            f"price must be from 0 to {PRICE_MAX} with at most {PRICE_DECIMALS} decimals, "
            f"received {excerpt(text)}"
        )
    return value


def _number(sale, field):
    value = sale.get(field, _MISSING)
    if not isinstance(value, Number):
        raise NotASale(f"{field} must be a JSON number, received {described(value)}")
    return value


def _parse_decimal(text, *, decimals, largest):
    """The value times 10^decimals; None when negative, above `largest` or with more decimals.

    Digits and exponent are kept apart, so that 1e400 costs no more than 1.
    """
    sign, whole, fraction, exponent_sign, exponent = _NUMBER_PARTS.fullmatch(text).groups("")
    digits = (whole + fraction).lstrip("0")
    significant = digits.rstrip("0")
    if significant == "":
        return 0
    if sign:
        return None
    exponent = exponent.lstrip("0")
    power = EXPONENT_MAX if len(exponent) > 15 else int(exponent or "0")
    if exponent_sign == "-":
        power = -power
    zeros = power - len(fraction) + len(digits) - len(significant) + decimals
    if zeros < 0 or len(significant) + zeros > len(str(largest)):
        return None
    value = int(significant) * 10**zeros
    return value if value <= largest else None


def described(value):
    if value is _MISSING:
        return "nothing"
    if value is None:
        return "null"
    if isinstance(value, Number):
        return excerpt(value)
    if isinstance(value, list):
        return "an array"
    if isinstance(value, str):
        quoted = json.dumps(excerpt(value), ensure_ascii=False)
        # As JSON.stringify writes what UTF-8 cannot hold.
        quoted = _SURROGATE.sub(lambda found: f"\\u{ord(found.group()):04x}", quoted)
        return f"the string {quoted}"
    return "boolean" if isinstance(value, bool) else "object"


def excerpt(text):
    """Headers must stay small, however long the input was: 40 units of UTF-16, as in ECMAScript."""
    units = text.encode("utf-16-le", "surrogatepass")
    if len(units) <= 80:
        return text
    return units[:80].decode("utf-16-le", "surrogatepass") + "…"

"""The rules of a mapping, read as Salesboard's src/mapping/rules reads them: see docs/mapping.md.

Nothing here knows Spark. A wrong rule is refused with the rule and a caret under the place.
"""

import hashlib
import re
import unicodedata
from typing import NamedTuple, Optional

RULES = ("lines", "product", "quantity", "price", "amount", "time", "currency", "only", "minus",
         "returns", "columns")  # fmt: skip
UNITS = "s|ms|us|ns|days"
ROUND_MAX = 6
PLACES_MAX = 38
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?![\w.])")
_NUMBER_TEXT = re.compile(r"[ \t]*[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?[ \t]*")
_WORD = re.compile(r"[^\s'(),;#](?:[^'(),;#\x00-\x1f\x7f-\x9f]*[^\s'(),;#\x00-\x1f\x7f-\x9f])?")


class WrongRule(Exception):
    """Rules that cannot be used; the message says where and why."""


class Path(NamedTuple):
    origin: str  # line, record, key, topic, header
    header: Optional[str]
    steps: tuple  # of a text (a key), an integer (an element), EACH and JSON


class Step(NamedTuple):
    name: str


EACH = Step("each")
JSON = Step("json")


class Constant(NamedTuple):
    text: str


class Term(NamedTuple):
    sources: tuple
    is_negative: bool
    decimal: Optional[int]
    shift: object  # None, places, or a path


class Sum(NamedTuple):
    terms: tuple
    round: Optional[int]


class Condition(NamedTuple):
    path: Path
    is_negated: bool
    words: Optional[tuple]  # None = exists


class Mapping(NamedTuple):
    columns: Optional[tuple]
    lines: Optional[Path]
    product: tuple  # of parts, each of sources
    quantity: Optional[Sum]
    money: Sum
    is_price: bool
    time: Optional[tuple]
    currency: Optional[tuple]
    only: tuple
    minus: Optional[Condition]
    subtracts: bool

    @property
    def fingerprint(self):
        """Changes with the meaning of the rules; not the one of salesboard aggregate."""
        return "spark-" + hashlib.sha256(repr(self).encode()).hexdigest()[:16]


def parse(text, has_comments=False):
    """Rules, one a line or apart by `;`. Raises WrongRule."""
    draft = {"only": []}
    for rule in _split(text, has_comments):
        _Rule(rule).read(draft)
    if "product" not in draft:
        raise WrongRule("Cannot read the mapping: it must have the rule product")
    money = draft.get("price") or draft.get("amount")
    if money is None:
        raise WrongRule("Cannot read the mapping: it must have the rule price or amount")
    minus = draft.get("minus")
    returns = draft.get("returns", "subtract" if minus else "reject")
    return Mapping(
        draft.get("columns"), draft.get("lines"), draft["product"], draft.get("quantity"), money,
        "price" in draft, draft.get("time"), draft.get("currency"), tuple(draft["only"]), minus,
        returns == "subtract",
    )  # fmt: skip


def check_columns(mapping, input_format):
    """Columns belong to csv, and paths of the record begin with one. Raises WrongRule."""
    if input_format == "csv" and mapping.columns is None:
        raise WrongRule("Cannot use the mapping: records of csv need the rule columns")
    if mapping.columns is None:
        return
    if input_format != "csv":
        raise WrongRule(
            f"Cannot use the mapping: the rule columns is for csv, but records are {input_format}"
        )
    for path in _paths(mapping):
        is_of_column = path.origin == "record" or (path.origin == "line" and not mapping.lines)
        if is_of_column and path.steps[0] not in mapping.columns:
            raise WrongRule(
                f"Cannot use the mapping: {path.steps[0]} is not one of the columns "
                f"{', '.join(mapping.columns)}"
            )


def _paths(node):
    """All paths in a tree of rules."""
    if isinstance(node, Path):
        yield node
    elif isinstance(node, tuple) and not isinstance(node, Step):
        for part in node:
            yield from _paths(part)


def _split(text, has_comments):
    rules = []
    for line in re.split(r"\r\n|[\n\r\u2028\u2029]", text):
        start, is_quoted = 0, False
        for at, char in enumerate(line):
            if char == "'":
                is_quoted = not is_quoted
            elif not is_quoted and char == ";":
                rules.append(line[start:at])
                start = at + 1
            elif not is_quoted and has_comments and char == "#":
                if at == 0 or line[at - 1].isspace() or line[at - 1] == ";":
                    line = line[:at]
                    break
        rules.append(line[start:])
    return [rule.strip() for rule in rules if rule.strip()]


def _is_bare(char):
    return char in "_@$" or unicodedata.category(char)[0] in "LNM"


class _Rule:
    """One rule, read from its beginning to its end."""

    def __init__(self, text):
        self.text = text
        self.at = 0

    def read(self, draft):
        name = (self._take(r"[\w-]+") or "").strip()
        if name.lower() == "by":
            raise self._wrong("this job adds up by product alone: leave out the rules that begin with by", 0)
        if name not in RULES:
            raise self._wrong(f"a rule must begin with one of {', '.join(RULES)}", 0)
        self._expect(":", f"a colon behind {name}")
        if name != "only" and name in draft:
            raise self._wrong(f"the rule {name} must stand there only once", 0)
        if {name, *draft} >= {"price", "amount"}:
            raise self._wrong("price and amount exclude each other: give one of them", 0)
        value = getattr(self, f"_{name}")()
        if self.at < len(self.text):
            raise self._wrong("the rule must end here")
        if name == "only":
            draft["only"].append(value)
        else:
            draft[name] = value

    def _lines(self):
        path = self._path()
        if EACH not in path.steps:
            raise self._wrong("lines must have [] behind the array, such as items[]", 0)
        return path._replace(origin="record") if path.origin == "line" else path

    def _product(self):
        parts = [self._sources()]
        while self._take(r"\+"):
            parts.append(self._sources())
        return tuple(parts)

    _currency = _product

    def _time(self):
        parts = self._product()
        return parts, self._take(rf"(?:{UNITS})(?!\w)")

    def _quantity(self):
        terms = [self._term(False)]
        while sign := self._take(r"[+-]"):
            terms.append(self._term(sign == "-"))
        places = self._places(ROUND_MAX) if self._take(r"round(?!\w)") else None
        return Sum(tuple(terms), places)

    _price = _quantity
    _amount = _quantity

    def _only(self):
        path = self._line_path()
        is_negated = self._take(r"not(?!\w)") is not None
        if self._take(r"exists(?!\w)"):
            return Condition(path, is_negated, None)
        self._expect(r"in(?!\w)", "in (a, b), not in (a, b), exists or not exists")
        return Condition(path, is_negated, self._list())

    def _minus(self):
        path = self._line_path()
        self._expect(r"in(?!\w)", "in (a, b) behind the path")
        return Condition(path, False, self._list())

    def _returns(self):
        return self._expect("(?:reject|subtract)$", "reject or subtract")

    def _columns(self):
        columns = self._words()
        if len(set(columns)) < len(columns):
            raise self._wrong("a column must stand there only once", 0)
        return columns

    def _list(self):
        self._expect(r"\(", "a list such as (paid, 'partly paid')")
        words = self._words(bare_null=False)
        self._expect(r"\)", "a comma or a closing parenthesis behind the list")
        return words

    def _words(self, bare_null=True):
        words = []
        while True:
            word = self._quoted()
            if word is None:
                match = _WORD.match(self.text, self.at)
                if not match or (match.group() == "null" and not bare_null):
                    raise self._wrong("a word or a 'text' must stand here")
                word, self.at = match.group(), match.end()
            self._space()
            words.append(word)
            if not self._take(","):
                return tuple(words)

    def _term(self, is_negative):
        start = self.at
        sources = self._sources()
        last = sources[-1]
        if isinstance(last, Constant) and not _NUMBER_TEXT.fullmatch(last.text):
            raise self._wrong("a constant of this rule must be a number", start)
        decimal = self._places(PLACES_MAX) if self._take(r"decimal(?!\w)") else None
        if decimal is not None and isinstance(sources[0], Constant):
            raise self._wrong("decimal needs a path before it, not a constant", start)
        shift = self._shift() if self._take("/") else None
        if self._take(r"\*"):
            raise self._wrong("a mapping does not multiply")
        return Term(sources, is_negative, decimal, shift)

    def _shift(self):
        if self._take(r"10\s*\^"):
            if re.compile("[0-9]").match(self.text, self.at):
                return self._places(PLACES_MAX)
            return self._line_path()
        zeros = self._expect(r"10{0,38}(?![\w.])", "a power of ten such as 100 or 10^2")
        return len(zeros) - 1

    def _places(self, most):
        places = int(self._expect(r"[0-9]{1,3}(?![\w.])", f"a number from 0 to {most}"))
        if places > most:
            raise self._wrong(f"must be a number from 0 to {most}")
        return places

    def _sources(self):
        sources = [self._source()]
        while self._take(r"else(?!\w)"):
            if isinstance(sources[-1], Constant):
                raise self._wrong("what stands behind a constant is never reached")
            sources.append(self._source())
        return tuple(sources)

    def _source(self):
        text = self._quoted()
        if text is None:
            text = self._take(_NUMBER.pattern)
        if text is None:
            return self._line_path()
        self._space()
        return Constant(text)

    def _line_path(self):
        path = self._path()
        if EACH in path.steps:
            raise self._wrong("[] stands only in the rule lines")
        return path

    def _path(self):
        path = self._inner_path()
        self._space()
        return path

    def _inner_path(self):
        steps = []
        origin, header = self._start(steps)
        while True:
            if match := self._exactly(r"\[\s*([0-9]{1,4})\s*\]"):
                steps.append(int(match[1]))
            elif self._exactly(r"\[\s*\]"):
                steps.append(EACH)
            elif self._exactly(r"\[\s*(?=')"):
                steps.append(self._bracketed())
            elif self._exactly(r"\."):
                steps.append(self._bare_key())
            else:
                break
        is_whole = not steps and origin in ("line", "record")
        if is_whole or self.text.startswith("-", self.at):
            raise self._wrong("a path such as price, item.price or ['unit price'] must stand here")
        return Path(origin, header, tuple(steps))

    def _start(self, steps):
        if self._exactly(r"json\s*\(\s*"):
            inner = self._inner_path()
            self._space()
            if not self._exactly(r"\)"):
                raise self._wrong("json( needs a closing parenthesis behind its path")
            steps.extend((*inner.steps, JSON))
            return inner.origin, inner.header
        if self._exactly(r"\$(?=\[)"):
            return "record", None
        if self._exactly(r"\$\."):
            steps.append(self._bare_key())
            return "record", None
        if match := self._exactly(r"\$(key|topic)(?!\w)"):
            return match[1], None
        if self._exactly(r"\$header\.(?=\w)"):
            return "header", self._exactly(r"[\w.:-]+")[0]
        if self._exactly(r"\$header\[\s*(?=')"):
            return "header", self._bracketed()
        if not self.text.startswith("[", self.at):
            if unicodedata.category(self.text[self.at : self.at + 1] or " ") == "Nd":
                raise self._wrong("a path must not begin with a digit")
            steps.append(self._bare_key(first=True))
        return "line", None

    def _bare_key(self, first=False):
        start = self.at
        while self.at < len(self.text) and _is_bare(self.text[self.at]):
            self.at += 1
        if self.at == start or (first and self.text[start] == "$"):
            self.at = start
            raise self._wrong("a path such as price, $.price or $key must stand here")
        return self.text[start : self.at]

    def _bracketed(self):
        key = self._quoted()
        if not self._exactly(r"\s*\]"):
            raise self._wrong("a closing bracket must stand behind the key")
        return key

    def _quoted(self):
        if not self.text.startswith("'", self.at):
            return None
        match = self._exactly(r"'((?:[^']|'')*)'")
        if not match:
            raise self._wrong("a closing quote must stand behind the text")
        return match[1].replace("''", "'")

    def _expect(self, pattern, accepted):
        found = self._take(pattern)
        if found is None:
            raise self._wrong(f"the rule must have {accepted} here")
        return found

    def _take(self, pattern):
        match = self._exactly(pattern)
        if match is None:
            return None
        self._space()
        return match[0]

    def _exactly(self, pattern):
        match = re.compile(pattern).match(self.text, self.at)
        if match:
            self.at = match.end()
        return match

    def _space(self):
        while self.text[self.at : self.at + 1].isspace():
            self.at += 1

    def _wrong(self, problem, at=None):
        caret = " " * (self.at if at is None else at) + "^"
        return WrongRule(f"Cannot read the mapping: {problem}\n  {self.text}\n  {caret}")

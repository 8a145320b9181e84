"""Noun phrases of a clause: nouns, values, references, counts, superlatives.

A phrase is what stands between two prepositions, articles or commas. Which entity it
names comes from the toolset's lexicon; what is asked about it is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence

from eventsim.providers.rule_based.assistant.english import (
    DETERMINERS,
    FILLERS,
    NUMBER_WORDS,
    ORDINALS,
    PREPOSITIONS,
    SUPERLATIVES,
    stem,
)
from eventsim.providers.rule_based.assistant.phrase import Phrase
from eventsim.providers.rule_based.assistant.tokens import Token
from eventsim.providers.rule_based.assistant.toolset import Lexicon

__all__ = ["Phrase", "read_phrases"]

_THAT = frozenset("that this those these same said such".split())
_OBJECTS = frozenset("it him them they he she this that those these".split())
_OWNERS = frozenset("its his her their theirs whose".split())
_TOTALS = {
    "total": "sum",
    "sum": "sum",
    "average": "average",
    "mean": "average",
    "combined": "sum",
}
_CONTAINS = {
    "contains": "contains",
    "contain": "contains",
    "containing": "contains",
    "includes": "contains",
    "including": "contains",
    "starts": "starts",
    "starting": "starts",
    "begins": "starts",
    "beginning": "starts",
    "ends": "ends",
    "ending": "ends",
}
_EQUALS = frozenset("is are was were equals equal".split())
_MORE = frozenset("more over above greater higher least".split())
_LESS = frozenset("less under below fewer lower".split())
_NAMING = frozenset("named called titled entitled".split())
_LOWER_NAME_WORDS = frozenset("of the and de da do di du la le van von y & in".split())


class _Reader:
    def __init__(self, tokens: Sequence[Token], lexicon: Lexicon) -> None:
        self.tokens = tokens
        self.lexicon = lexicon
        self.done: list[Phrase] = []
        self.now = Phrase()
        self.at = 0

    def peek(self, ahead: int = 1) -> Token | None:
        where = self.at + ahead
        return self.tokens[where] if where < len(self.tokens) else None

    def flush(self, prep: str = "", *, joined: bool = False) -> None:
        if not self.now.empty:
            _name_entity(self.now, self.lexicon)
            self.split_plural()
            self.done.append(self.now)
            self.now = Phrase(prep=prep, joined=joined)
        elif prep or not self.now.prep:
            joined = joined or (self.now.joined and not prep)
            self.now = Phrase(prep=prep or self.now.prep, joined=joined)

    def split_plural(self) -> None:
        """Two nouns in a row are two phrases: how many lines invoice 5 has."""
        now = self.now
        size = len(now.rest)
        kind = self.lexicon.nouns.get(now.rest)
        if not now.known or (kind is None and not (now.asked and now.rest)):
            return
        last = now.texts[size - 1] if size <= len(now.texts) else ""
        if now.words[:size] != list(now.rest) or (last == stem(last) and not now.asked):
            return
        first = Phrase(now.prep, now.det, now.words[:size], now.texts[:size], kind)
        first.many, first.total, first.asked = not now.asked, now.total, now.asked
        self.done.append(first)
        now.words, now.texts = now.words[size:], now.texts[size:]
        now.prep, now.det, now.total, now.rest = "of", "", "", ()

    def read(self) -> list[Phrase]:
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            if token.kind == "word":
                self.word(token)
            elif token.literal:
                self.literal(token)
            elif token.kind == "own":
                self.now.owner = True
                if self.now.prep in {"", "of"}:
                    self.now.prep = "of"
                self.flush()
            elif token.text in ",;()":
                self.flush(joined=True)
            self.at += 1
        self.flush()
        return [
            phrase
            for number, phrase in enumerate(self.done)
            if not (number and _only_they(phrase, self.done[number - 1]))
        ]

    def literal(self, token: Token) -> None:
        now = self.now
        if token.kind == "number" and not now.words and now.value is None:
            after = self.peek()
            if after is not None and after.kind == "word" and self.counts(after):
                now.number = int(float(token.text))
                return
        if now.value is not None:
            self.flush(joined=True)
        self.now.value = token

    def counts(self, after: Token) -> bool:
        """Whether a number before the word counts things."""
        word = after.word
        return (
            word not in PREPOSITIONS
            and word not in DETERMINERS
            and word not in {"and", "or", "then", "please", "now", "instead"}
            and (word not in FILLERS or after.stem in self.lexicon.vocabulary)
        )

    def word(self, token: Token) -> None:
        word = token.word
        if self.bare_name(token):
            return
        for step in (self.structure, self.reference, self.measure):
            if step(token, word):
                return
        if word in FILLERS and token.stem not in self.lexicon.vocabulary:
            if word in {"which", "what"}:
                self.flush()
                self.now.asked = True
            return
        if self.now.value is not None or (self.now.ref in _OBJECTS and self.now.owner):
            self.flush()
        self.now.words.append(token.stem)
        self.now.texts.append(word)
        if word != token.stem and word.endswith("s") and not word.endswith("ss"):
            self.now.many = True
        elif len(self.now.words) > 1 or not word.endswith("s"):
            self.now.many = word in {"people", "children", "men", "women", "staff"}

    def structure(self, token: Token, word: str) -> bool:
        """Prepositions, articles, conjunctions, comparisons."""
        now = self.now
        if word == "number" and self.is_word(1, "of") and not now.words:
            now.total = "count"
            return True
        if word in _NAMING:
            return True
        if word in _CONTAINS and (now.words or now.prep == "whose" or self.done):
            if now.prep not in {"whose", "where"}:
                self.flush("containing")
            self.now.op = _CONTAINS[word]
            if self.is_word(1, "with"):
                self.at += 1
            return True
        if word in {"more", "less", "fewer", "greater", "over", "under"} and (
            self.is_word(1, "than") or self.is_literal(1)
        ):
            now.op = "more" if word in _MORE else "less"
            self.at += 1 if self.is_word(1, "than") else 0
            return True
        if word in _EQUALS:
            if now.prep in {"whose", "where"} and now.words:
                now.op = "is"
            elif self.done or not now.empty:
                self.flush("is")
            return True
        if word in PREPOSITIONS:
            if self.spans_preposition(token):
                return False
            self.flush("whose" if word == "having" else word)
            return True
        if word in DETERMINERS:
            if not (self.now.empty and self.now.prep):
                self.flush()
            self.now.det = self.now.det or word
            return True
        if word in {"and", "or", "plus"}:
            self.flush(joined=True)
            return True
        return False

    def spans_preposition(self, token: Token) -> bool:
        """Whether the preposition is inside a column's name, like date of birth."""
        if not self.now.words:
            return False
        after = self.peek()
        if after is None or after.kind != "word":
            return False
        return (self.now.words[-1], token.stem, after.stem) in self.lexicon.joints

    def reference(self, token: Token, word: str) -> bool:
        """References: that customer, it, their, the second one."""
        after = self.peek()
        if word in _OWNERS and word != "whose":
            if word == "her" and (after is None or after.kind != "word"):
                self.flush(self.now.prep)
                self.now.ref = "her"
                return True
            prep = self.now.prep if self.now.empty else ""
            self.flush("of")
            self.now.ref, self.now.owner, self.now.prep = word, True, "of"
            self.flush(prep)
            return True
        if word in _THAT and self.followed_by_noun():
            self.flush(self.now.prep if self.now.empty else "")
            self.now.ref = word
            return True
        if word == "that":
            if not self.now.empty and self.now.prep != "is":
                self.flush("whose" if self.done or self.now.words else "")
            return True
        if word in _OBJECTS:
            self.flush(self.now.prep if self.now.empty else "")
            self.now.ref = word
            self.flush()
            return True
        if word in ORDINALS and not self.in_column(token):
            if self.now.value is not None or self.now.words:
                self.flush()
            self.now.ordinal = ORDINALS[word]
            return True
        return False

    def followed_by_noun(self) -> bool:
        after = self.peek()
        if after is None or after.kind != "word":
            return False
        known = after.stem in self.lexicon.vocabulary
        behind = self.now.empty and self.now.prep not in {"", "is", "whose"}
        return (
            known
            or (behind and after.word not in FILLERS | PREPOSITIONS)
            or after.word in ORDINALS
            or after.word in {"one", "ones", "same"}
        ) and not (after.word in _EQUALS or after.word in DETERMINERS)

    def in_column(self, token: Token) -> bool:
        """Whether an ordinal is part of a column, like first name."""
        after = self.peek()
        return (
            after is not None
            and after.kind == "word"
            and (after.stem == stem("name") or token.stem in self.lexicon.vocabulary)
            and after.word not in {"one", "ones", "of"}
        )

    def measure(self, token: Token, word: str) -> bool:
        """Counts and ways of taking values together."""
        if word in SUPERLATIVES and not self.in_vocabulary_compound(token):
            if self.now.words or self.now.value is not None:
                self.flush()
            self.now.extreme, self.now.hints = SUPERLATIVES[word]
            return True
        if word in _TOTALS:
            if self.now.words or self.now.value is not None:
                return False
            self.now.total = _TOTALS[word]
            self.now.words.append(token.stem)
            self.now.texts.append(word)
            return True
        if word in NUMBER_WORDS and word not in {"one", "zero"} and not self.now.words:
            after = self.peek()
            if after is not None and after.kind == "word" and self.counts(after):
                self.now.number = NUMBER_WORDS[word]
                return True
        return False

    def in_vocabulary_compound(self, token: Token) -> bool:
        return token.stem in self.lexicon.vocabulary and token.word != "top"

    def is_word(self, ahead: int, word: str) -> bool:
        token = self.peek(ahead)
        return token is not None and token.word == word

    def is_literal(self, ahead: int) -> bool:
        token = self.peek(ahead)
        return token is not None and token.literal

    def bare_name(self, token: Token) -> bool:
        """A proper noun without quotation marks becomes a literal."""
        if not self.name_like(token) or token.opens:
            return False
        end = self.at + 1
        last = end
        while end < len(self.tokens):
            after = self.tokens[end]
            if self.name_like(after) or (after.kind == "number" and end == last):
                end += 1
                last = end
            elif after.word in _LOWER_NAME_WORDS or after.text in "&.-/":
                end += 1
            else:
                break
        text = " ".join(t.text for t in self.tokens[self.at : last])
        self.at = last - 1
        if self.now.value is not None:
            self.flush(joined=True)
        self.now.value = Token("text", text.replace(" .", "."), bare=True)
        return True

    def after_noun(self) -> bool:
        """Whether a noun stands right before, so that a name may follow."""
        return bool(self.now.words) or self.now.value is not None

    def name_like(self, token: Token) -> bool:
        return (
            token.kind == "word"
            and token.text[:1].isupper()
            and not (token.text.isupper() and token.stem in self.lexicon.vocabulary)
            and not token.word.startswith("i'")
            and token.word not in {"i", "ok"}
            and (token.word not in FILLERS or self.after_noun())
            and token.word not in ORDINALS
        )


def _only_they(phrase: Phrase, before: Phrase) -> bool:
    """Whether a phrase is the "of them" of "the first of them"."""
    return (
        before.ordinal is not None
        and phrase.prep == "of"
        and bool(phrase.ref)
        and not phrase.words
        and phrase.value is None
    )


def _name_entity(phrase: Phrase, lexicon: Lexicon) -> None:
    """Find the entity that a phrase names, and what the rest of its words are."""
    words = phrase.words
    if not words:
        return
    for start in range(len(words)):
        found = lexicon.entity_at(words, start)
        if found is not None and found[1] == len(words):
            phrase.entity, phrase.rest = found[0], tuple(words[:start])
            break
    else:
        phrase.rest = tuple(words)
        found = lexicon.entity_at(words, 0)
        if found is not None:
            phrase.entity, phrase.rest = found[0], tuple(words[found[1] :])
            phrase.many = False
    if phrase.total in {"sum", "average"} and phrase.rest[:1] == (words[0],):
        phrase.rest = phrase.rest[1:]


def read_phrases(tokens: Sequence[Token], lexicon: Lexicon) -> list[Phrase]:
    """The noun phrases of a clause, in order."""
    return _Reader(tokens, lexicon).read()

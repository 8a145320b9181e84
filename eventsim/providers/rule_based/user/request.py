"""One objective as a sentence somebody would type.

The form is chosen by the objective's shape, the wrapper by the person's manner. Names
may become references to what was just spoken of, and short proper names may lose
their quotation marks; everything that has to be understood stays.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from eventsim.providers.rule_based.user import wrappers
from eventsim.providers.rule_based.user.clause import Clause, parse_clause
from eventsim.providers.rule_based.user.forms import Forms, forms_of, gerund
from eventsim.providers.rule_based.user.voice import Voice
from eventsim.providers.rule_based.user.words import content_words

__all__ = ["loosened", "referring", "request_for", "request_for_two", "unquoted"]

_PERSON = re.compile(
    r"^(?!(?:The|An|My|Le|La|El|Los|Das|Der|Die|On|In|No|To) )"
    r"[A-ZÀ-Þ][a-zà-ÿ]+ [A-ZÀ-Þ][a-zà-ÿ]+$"
)
_PUT_IN = re.compile(r" (with|to|called|named)\b")
_MEASURE = re.compile(r"\b(number|count|total|average|add up|all|list|show) ")
_TARGET = re.compile(r' to (?:"[^"]*"|-?[\d.]+)$')


def request_for(clause: Clause, voice: Voice) -> str:
    """A sentence that asks for one objective, in lower case at its beginning."""
    forms = forms_of(clause)
    table = wrappers.INFINITIVE
    if voice.chance(0.62):
        table = _special(forms) or table
    return voice.pick(_toned(table, voice), forms.slots())


def _toned(table: wrappers.Table, voice: Voice) -> wrappers.Table:
    """The table, or only its wishes."""
    if not voice.indirect:
        return table
    return {"plain": (*table["chatty"], *table["hesitant"])}


def request_for_two(first: Clause, second: Clause, voice: Voice) -> str:
    """One sentence for two objectives, joined as doing one after the other."""
    one, two = forms_of(first), forms_of(second)
    both = f"{one.infinitive} and then {two.infinitive}"
    slots = {"inf": both, "ger": gerund(both)}
    if one.own and two.own:
        slots["own"] = both
    return voice.pick(_toned(wrappers.INFINITIVE, voice), slots)


def _special(forms: Forms) -> wrappers.Table | None:
    if forms.np is not None:
        return wrappers.PLURAL if forms.several else wrappers.SINGULAR
    if forms.wh is not None:
        return wrappers.WH
    return wrappers.THAT if forms.that is not None else None


def loosened(clause: Clause) -> Clause | None:
    """The clause without one detail; None when nothing can be left out safely."""
    if clause.kind == "write":
        shorter = _TARGET.sub("", clause.text)
        return parse_clause(shorter) if shorter != clause.text else None
    if len(clause.values) != 1 or len(clause.mentions) != 1:
        return None
    mention = clause.mentions[0]
    if clause.shape != "np" or f" of {mention.phrase}" not in clause.text:
        return None
    if not mention.phrase.startswith("the ") or _MEASURE.search(clause.text):
        return None
    article = "an" if mention.noun[0] in "aeio" else "a"
    text = clause.text.replace(mention.phrase, f"{article} {mention.noun}")
    return parse_clause(text)


def referring(clause: Clause, earlier: Sequence[Clause]) -> Clause:
    """The clause with "that …" for the one thing that the last request was about."""
    if not earlier or not clause.mentions:
        return clause
    mention = clause.mentions[0]
    before = [m for c in earlier for m in c.mentions if m.noun == mention.noun]
    if len(before) != 1 or before[0] != mention:
        return clause
    if not mention.phrase.startswith("the ") or len(clause.mentions) > 1:
        return clause
    return parse_clause(clause.text.replace(mention.phrase, f"that {mention.noun}"))


def unquoted(sentence: str, clauses: Sequence[Clause], voice: Voice) -> str:
    """The sentence with a full name bare, where its noun stands before it."""
    words = frozenset().union(*(clause.words for clause in clauses))
    for clause in clauses:
        for mention in clause.mentions:
            bare = f"{mention.noun} {mention.name}"
            quoted = f'{mention.noun} "{mention.name}"'
            if (
                _PERSON.match(mention.name)
                and mention.phrase.startswith("the ")
                and not _PUT_IN.search(clause.text.partition(mention.phrase)[0])
                and not content_words(mention.name) & words
                and voice.chance(0.35)
            ):
                sentence = sentence.replace(quoted, bare)
    return sentence

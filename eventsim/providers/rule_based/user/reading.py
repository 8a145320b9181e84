"""What an assistant's message does: answers, asks, refuses, fails, offers more help.

Read from the English alone, sentence by sentence, as loosely as a person in a hurry
would: it must hold for any assistant, not for the wording of one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from eventsim.providers.rule_based.user.words import plain

__all__ = ["Reading", "read_reply", "sentences_of"]

_SENTENCE = re.compile(r'(?<=[.!?])["\')]*\s+(?=["\'(]?[A-Z0-9])|\n+')
_COURTESY = re.compile(
    r"\b(anything|something|what) else\b|\bhelp you with\b|\b(can|may) i help\b|"
    r"\bassist you\b|\bfurther\b|\bnext\?|\bwhat (can|would) (i|you like me to) do\b|"
    r"^let me know if\b|\bjust let me know\b|\bfeel free\b|\bother (question|request)"
)
_PROMPTING = re.compile(
    r"^(?:sorry, |so |then |first, |before [^,]*, )?(?:please|kindly) (?:tell|give|"
    r"provide|confirm|let me know|specify|say|choose|pick|reply|enter|share|state|send|"
    r"answer|name)\b|\blet me know (which|what|who|when|whether|how)\b|"
    r"\bi('ll| will)?( still)? need (you to|your|the|a|to know)\b|"
    r"\b(reply|answer|say) (with )?[\"']?yes\b|\bi need\b.*\b(from you|before i)\b"
)
_CONFIRM = re.compile(
    r"\bconfirm\b|\bgo ahead\b|\bproceed\b|\bshall i\b|\bshould i\b|\bmay i\b|"
    r"\bdo you want me\b|\bwould you like me\b|\bdo you want to\b|\bok(ay)?\?|"
    r"\bis (that|this|it) (right|correct|ok|okay|fine|what)|\bright\?|\bcorrect\?|"
    r"\bare you sure\b|\byes or no\b|\bsounds? (right|good)\b|\b[\"']?yes\b|\bagreed?\?"
)
_OPEN = re.compile(
    r"(?:\w+[,:] )?(?:what|which|who|when|where|how)\b|"
    r".*\b(?:may|can|could) i (?:have|ask|get)\b"
)
_CHOICE = re.compile(
    r"\bwhich\b.*\b(do|did|is|would|should|you)\b|\b(do|did) you mean\b.* or |"
    r"\bwho do you mean\b|\bmore than one\b|\bseveral\b|\bmultiple\b"
)
_DENIAL = re.compile(r"^no\b|[.!] no[,:]|\b(that|it) is not\b|\bnot the case\b")
_ASKING_FOR = re.compile(
    r"\b(what|which|who|whose|when|where|how)\b|\b(can|could|would|will) you\b| or "
)
_LOST = re.compile(
    r"\b(another way|rephrase|say that again|repeat (that|your)|be more specific)\b|"
    r"\b(did not|didn't|don't|do not) (quite )?(understand|follow|get)\b|"
    r"\bnot sure what you\b"
)
_CODE = re.compile(
    r"(?<!postal )(?<!post )(?<!zip )(?<!area )(?<!country )"
    r"\b(code|pin|password|passphrase)\b"
)
_REFUSAL = re.compile(
    r"\bnot (?:\w+ )?(allowed|permitted|possible|authori[sz]ed|able|supported)\b|"
    r"\bcannot\b|\bcan't\b|\bcan not\b|\bmay not\b|\bmust not\b|\bwon't\b|\bwill not\b|"
    r"\bunable to\b|\brefuse\b|\bagainst (the |our )?(policy|rules)\b|"
    r"\b(policy|rules?) (does|do)(n't| not)\b|\bno way to\b|\bdecline\b|"
    r"\bisn't (possible|allowed)|\bnot something i\b|\bno tool\b|\bi('m| am) not to\b|"
    r"\bnot (the )?right code\b|\bnot valid\b|\bnothing i can\b|"
    r"\bi (don't|do not) have (a way|a tool|permission|access|the means)\b"
)
_FAILURE = re.compile(
    r"\berror\b|\bfailed\b|\bfails\b|\bwent wrong\b|\bcouldn't\b|\bcould not\b|"
    r"\bdid(n't| not) (work|go|find)\b|\bunsuccessful\b|\bnot found\b|"
    r"\bno (such|matching|match)\b|\bdo(es)?(n't| not) exist\b|\bnothing found\b|"
    r"\brejected\b|\bnot (been )?(changed|added|deleted|updated|removed)\b"
)
_NONE = re.compile(
    r"\bthere (is|are|were|was) (no|none|not)\b|\bnone\b|\bhas no\b|\bhave no\b|"
    r"\bno \w+( \w+)? (found|match|has|have|is|are|with)\b|\bnothing\b|\bempty\b|"
    r"\bnot (set|given|recorded|known|stated)\b|\bzero\b"
)


@dataclass(frozen=True, slots=True)
class Reading:
    """One reply. `questions` are the sentences that want an answer, in plain
    letters, `told` the others as they stand.
    """

    text: str
    told: str = ""
    questions: tuple[str, ...] = ()
    confirm: bool = False
    choice: bool = False
    lost: bool = False
    code: bool = False
    refuses: bool = False
    fails: bool = False
    finds_none: bool = False
    denies: bool = False

    @property
    def asks(self) -> bool:
        """Whether the assistant waits for an answer."""
        return bool(self.questions)

    @property
    def asked(self) -> str:
        """All questions as one text."""
        return " ".join(self.questions)


@lru_cache(maxsize=2048)
def sentences_of(text: str) -> tuple[str, ...]:
    """The sentences and lines of a message."""
    return tuple(part.strip() for part in _SENTENCE.split(text) if part.strip())


@lru_cache(maxsize=2048)
def read_reply(text: str) -> Reading:
    """Read one message of the assistant."""
    sentences = [(plain(sentence), sentence) for sentence in sentences_of(text)]
    questions = [low for low, _ in sentences if _is_question(low)]
    stated = [sentence for low, sentence in sentences if not _is_question(low)]
    asked, told = " ".join(questions), plain(" ".join(stated))
    return Reading(
        text=text,
        told=" ".join(stated),
        questions=tuple(questions),
        confirm=any(map(_wants_yes_or_no, questions)),
        choice=_CHOICE.search(asked) is not None,
        lost=_LOST.search(plain(text)) is not None,
        code=_CODE.search(asked) is not None,
        refuses=_REFUSAL.search(told) is not None,
        fails=_FAILURE.search(told) is not None,
        finds_none=_NONE.search(told) is not None,
        denies=_DENIAL.search(told) is not None,
    )


def _is_question(sentence: str) -> bool:
    if _COURTESY.search(sentence):
        return False
    bare = sentence.rstrip("\"')* ")
    return bare.endswith("?") or _PROMPTING.search(sentence) is not None


def _wants_yes_or_no(question: str) -> bool:
    if _OPEN.match(question):
        return False
    if _CONFIRM.search(question):
        return True
    return question.endswith("?") and _ASKING_FOR.search(question) is None

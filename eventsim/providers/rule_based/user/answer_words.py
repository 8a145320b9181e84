"""What answers a question of the assistant, and the farewell.

One table an occasion and a register; `plain` serves where a register has none.
Only the farewells may hold words that end a task: see `transcript.is_closing`.
"""

from __future__ import annotations

__all__ = ["ANSWER_WORDS"]

Table = dict[str, tuple[str, ...]]

_YES: Table = {
    "plain": (
        "yes, please.",
        "yes, go ahead.",
        "that's right, please go ahead.",
        "yes, that's correct.",
        "yes, please do.",
        "correct, go ahead.",
        "yes, do it.",
    ),
    "polite": (
        "yes, please, thank you.",
        "yes, please go ahead.",
        "yes, that would be kind.",
    ),
    "formal": ("yes, please proceed.", "that is correct.", "yes, I confirm."),
    "casual": ("yep, go ahead", "yes do it", "yeah, go for it", "yep"),
    "hesitant": (
        "yes, I think that's right.",
        "yes, please.",
        "yes, if that's okay.",
    ),
    "cheerful": ("yes please!", "yes, go for it!", "exactly, yes!"),
    "dry": ("yes.", "yes, that.", "yes, go on."),
    "curt": ("yes.", "yes, do it.", "go ahead.", "correct."),
    "exact": ("yes, exactly that.", "correct, nothing more.", "yes, that is right."),
}
_WRONG: Table = {
    "plain": ("no, that's not what I meant.", "not quite.", "no, wait."),
    "formal": ("no, that is not correct.", "no, that is not what I asked for."),
    "casual": ("no, not that.", "nope, hang on."),
    "polite": ("sorry, that's not quite right.", "not quite, I'm afraid."),
    "curt": ("no.", "wrong."),
    "hesitant": ("no, sorry, I think that's not right.",),
}
_TELL: Table = {
    "plain": ("it's {v}.", "{v}.", "{label} is {v}.", "that would be {v}."),
    "polite": ("of course, it's {v}.", "certainly: {v}.", "sure, {label} is {v}."),
    "formal": ("{label} is {v}.", "it is {v}."),
    "casual": ("{v}", "it's {v}", "oh right, {v}"),
    "hesitant": (
        "oh, I think it's {v}.",
        "I have {v} here.",
        "{label} is {v}, I believe.",
    ),
    "curt": ("{v}.", "it's {v}."),
    "cheerful": ("sure, it's {v}!", "oh yes: {v}."),
}
_CHOOSE: Table = {
    "plain": (
        "I mean the one with {v}.",
        "the one with {v}, please.",
        "it's the one with {v}.",
    ),
    "formal": ("I am referring to the one with {v}.", "the one with {v}, please."),
    "casual": ("with {v}", "the one with {v}"),
    "curt": ("the one with {v}.", "{v}."),
    "hesitant": ("I think the one with {v}.", "it should be the one with {v}."),
}
_UNKNOWN: Table = {
    "plain": (
        "I don't know, I'm afraid.",
        "I don't have that.",
        "sorry, I don't know that.",
        "no idea, I have nothing more on that.",
    ),
    "formal": ("I do not have that information.", "I am afraid I do not know."),
    "casual": ("no idea", "dunno, sorry", "don't have that"),
    "curt": ("I don't know.", "don't have it."),
    "hesitant": ("oh, I'm sorry, I don't know that.", "I wouldn't know, sorry."),
}
_NO_CODE: Table = {
    "plain": (
        "I don't have a code.",
        "sorry, nobody gave me a code.",
        "I have no code.",
    ),
    "formal": ("I do not have a code.", "no code was given to me."),
    "casual": ("don't have one, sorry", "no code here"),
}
_ONLY_CODE: Table = {
    "plain": ("that's the only one I have.", "I have no other one, sorry."),
    "formal": ("I have no other code.", "that is the only one that I was given."),
    "casual": ("only got that one", "that's the only one I've got"),
}
_CHOICE_UNKNOWN: Table = {
    "plain": (
        "I don't know which one, I only have the name.",
        "I can't tell them apart.",
    ),
    "formal": ("I am afraid I cannot tell which one it is.",),
    "casual": ("no clue which one, sorry",),
}
_CLOSING: Table = {
    "plain": (
        "that's all, thanks.",
        "that's everything, thank you.",
        "that's all I needed, thanks.",
        "thanks, that's all for now.",
        "I think that's everything, thanks for the help.",
    ),
    "polite": (
        "that's everything, thank you very much for your help.",
        "that's all I needed, thank you so much.",
        "that covers everything, many thanks.",
    ),
    "formal": (
        "that is all, thank you.",
        "thank you, that is everything.",
        "that will be all, thank you for your assistance.",
    ),
    "casual": ("cool, that's all", "that's everything, cheers", "ok that's all, thx"),
    "hesitant": (
        "I think that's all, thank you for your patience.",
        "that's everything, thank you, you've been very kind.",
    ),
    "cheerful": (
        "that's everything, thank you so much!",
        "that's all I needed, have a great day!",
        "and that's all, thanks a lot!",
    ),
    "dry": ("that's all for today.", "that's everything. thanks.", "then that's all."),
    "curt": ("that's all.", "that's everything.", "okay, that's all."),
    "exact": (
        "that covers everything, thank you.",
        "good, that's all.",
        "that's everything.",
    ),
}

ANSWER_WORDS: dict[str, Table] = {
    "yes": _YES,
    "wrong": _WRONG,
    "tell": _TELL,
    "choose": _CHOOSE,
    "unknown": _UNKNOWN,
    "no_code": _NO_CODE,
    "only_code": _ONLY_CODE,
    "choice_unknown": _CHOICE_UNKNOWN,
    "closing": _CLOSING,
}

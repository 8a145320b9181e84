"""What is said about the last reply, good or bad, and why a request comes again.

One table an occasion and a register; `plain` serves where a register has none.
"""

from __future__ import annotations

__all__ = ["REACTION_WORDS"]

Table = dict[str, tuple[str, ...]]

_ACK: Table = {
    "plain": (
        "thanks.",
        "okay, thanks.",
        "good.",
        "great.",
        "all right.",
        "thank you.",
    ),
    "polite": ("thank you very much.", "thank you.", "thanks a lot.", "many thanks."),
    "formal": ("thank you.", "understood.", "noted, thank you."),
    "casual": ("cool.", "nice.", "ok thanks.", "gotcha.", "sweet."),
    "hesitant": ("oh, thank you.", "ah, good.", "thanks, that's a relief."),
    "cheerful": ("lovely, thanks!", "perfect!", "wonderful!", "great, thank you!"),
    "dry": ("fine.", "good enough.", "right.", "okay."),
    "curt": ("ok.", "fine.", "good.", "right."),
    "exact": ("good.", "noted.", "that's clear.", "all right."),
}
_THANKS: Table = {
    "plain": (
        "thanks.",
        "thank you.",
        "thanks for that.",
        "thanks for looking.",
        "thanks, that helps.",
        "thanks, that's useful.",
    ),
    "polite": (
        "thank you very much.",
        "thanks so much for that.",
        "thank you, that is very kind.",
        "many thanks for your help.",
    ),
    "formal": ("thank you.", "thank you for the information.", "I thank you for that."),
    "casual": ("thanks", "cheers", "thx", "ta"),
    "cheerful": ("thanks a million!", "thank you so much!", "thanks, you're a star!"),
    "hesitant": ("thank you, that helps a lot.", "oh thank you, that's very kind."),
}
_THANKS_DONE: Table = {
    "plain": (
        "thanks.",
        "thank you.",
        "thanks for doing that.",
        "thanks for sorting that out.",
        "thanks for the quick help.",
    ),
    "polite": (
        "thank you very much.",
        "thank you so much for doing that.",
        "many thanks for your help.",
    ),
    "formal": ("thank you.", "thank you for making that change."),
    "casual": ("thanks", "cheers", "thx", "nice, thanks"),
    "cheerful": ("thanks a million!", "thank you so much!", "thanks, that was fast!"),
    "hesitant": ("oh thank you, that went well.", "thank you, that's very kind."),
}
_REACT: Table = {
    "plain": (
        "good to know.",
        "that's what I thought.",
        "okay, that's clear.",
        "that's helpful.",
        "ah, interesting.",
        "right, I see.",
        "good, that's what I was after.",
        "all right, noted.",
    ),
    "formal": (
        "that is clear.",
        "I have taken note of that.",
        "that is as I expected.",
    ),
    "casual": ("ah ok.", "huh, good to know.", "ok makes sense.", "nice one."),
    "cheerful": ("oh, that's great!", "brilliant!", "that's just what I needed!"),
    "hesitant": ("ah, I see now.", "oh good, that makes sense."),
    "dry": ("so be it.", "figures.", "as expected."),
    "exact": ("that's precise enough.", "good, that is clear.", "noted."),
}
_VALUE: Table = {
    "plain": ("{v}, okay.", "{v}, thanks.", "{v} then.", "{v}, all right."),
    "formal": ("{v}, thank you.", "{v}, I see."),
    "casual": ("{v}, ok.", "ah {v}."),
    "cheerful": ("{v}, thanks a lot!", "{v}, thank you!"),
    "dry": ("{v}. right.", "{v} then."),
    "exact": ("{v}, then.", "{v}, okay."),
}
_DONE: Table = {
    "plain": (
        "good, that's done then.",
        "great, that was quick.",
        "perfect.",
        "thanks for doing that.",
        "good, thank you.",
        "excellent.",
    ),
    "formal": ("thank you for making that change.", "very good.", "thank you."),
    "casual": ("nice.", "sweet, thanks.", "cool, done then."),
    "cheerful": ("brilliant, thank you!", "perfect, that was fast!", "great!"),
    "hesitant": ("oh good, that worked.", "thank you, that's a relief."),
    "dry": ("good. one less.", "that's done.", "fine."),
    "exact": ("good.", "all right, noted.", "that's as it should be."),
    "curt": ("ok.", "good.", "fine."),
}
_NONE: Table = {
    "plain": ("hm, okay.", "all right, nothing then.", "I see.", "okay, good to know."),
    "formal": ("I see.", "noted."),
    "casual": ("oh ok.", "hm, alright."),
}
_REFUSED: Table = {
    "plain": (
        "okay, I understand.",
        "all right, then not.",
        "I see, that can't be helped.",
        "fair enough.",
        "pity, but all right.",
    ),
    "formal": ("I understand.", "very well.", "I accept that."),
    "casual": ("ok fair enough.", "ah well.", "shame, but ok."),
    "polite": (
        "I understand, thank you for telling me.",
        "that's fine, thank you.",
    ),
    "hesitant": ("oh, I see, sorry for asking.", "oh, okay, I didn't know that."),
    "cheerful": ("ah well, no problem!", "no worries!"),
    "dry": ("of course not.", "I had a feeling.", "so be it."),
    "curt": ("fine.", "ok, noted.", "too bad."),
    "exact": ("understood.", "all right, that's clear at least."),
}
_FAILED: Table = {
    "plain": ("hm, a pity.", "okay, then not.", "too bad, let's go on."),
    "formal": ("that is unfortunate.", "I see, that is regrettable."),
    "casual": ("ah well.", "bummer."),
    "curt": ("great. then not.", "fine, then not."),
    "dry": ("that's how today is going.", "of course."),
}
_STUCK: Table = {
    "plain": ("let's leave that.", "all right, never mind.", "okay, never mind."),
    "formal": ("let us leave that.", "never mind."),
    "casual": ("eh, never mind.", "ah, never mind."),
}
_AGAIN_SKIPPED: Table = {
    "plain": (
        "you left out the other part.",
        "there was a second part to it.",
        "I also asked for something else there.",
        "that's only half.",
    ),
    "formal": (
        "one part of my request is still open.",
        "part of my question is unanswered.",
    ),
    "casual": ("you missed one bit.", "what about the other thing?"),
    "polite": (
        "thank you, but one part is still missing.",
        "I think one part is missing.",
    ),
    "curt": ("half is missing.", "and the rest?"),
}
_AGAIN_UNCLEAR: Table = {
    "plain": (
        "that's not what I asked.",
        "hm, that's something else.",
        "let me ask again.",
    ),
    "formal": ("that does not answer my question.", "allow me to ask again."),
    "casual": ("that's not it.", "hm, not what I asked."),
    "polite": ("sorry, perhaps I wasn't clear.", "let me try once more."),
    "hesitant": ("sorry, maybe I was unclear.", "sorry, let me try again."),
}
_AGAIN_REPEAT: Table = {
    "plain": (
        "let me say that again.",
        "once more, then.",
        "sorry, I'll try again.",
        "in other words:",
    ),
    "formal": ("allow me to repeat that.", "in other words:"),
    "casual": ("ok, again.", "let me try again."),
    "curt": ("again:", "once more:"),
}
_AGAIN_DETAIL: Table = {
    "plain": (
        "sorry, I left something out.",
        "sorry, I wasn't clear.",
        "let me be more exact.",
    ),
    "formal": ("allow me to be more precise.", "I was not precise enough."),
    "casual": ("oh wait, I forgot a bit.", "sorry, forgot something."),
    "curt": ("more exactly:", "then exactly:"),
}
_AGAIN_FAILED: Table = {
    "plain": (
        "could you try again?",
        "hm, please try once more.",
        "let's try that again.",
    ),
    "formal": ("please make another attempt.", "I would ask you to try again."),
    "casual": ("weird, try again?", "one more try."),
    "curt": ("try again.", "once more, please."),
}
_AGAIN_WRONG: Table = {
    "plain": ("that's not the value I gave you.", "that's not right yet.", "wait, no."),
    "formal": ("that is not what I specified.", "that is not right yet."),
    "casual": ("hm, that's off.", "wait, not that."),
}
_AGAIN_DOUBT: Table = {
    "plain": (
        "are you sure about that?",
        "hm, that surprises me.",
        "is that really so?",
    ),
    "formal": ("I should like to be certain.", "that seems surprising."),
    "casual": ("you sure?", "hm, really?"),
    "hesitant": ("sorry, but I expected something else.", "I'm not sure that's right."),
    "exact": ("I want to be certain of that.", "that doesn't match my notes."),
}
_ASIDE: Table = {
    "plain": ("all right, back to work.", "okay, just asking.", "back to business."),
    "formal": ("I see.", "very well."),
    "casual": ("haha ok.", "ok, just asking."),
}
_AGAIN_CORRECTED: Table = {
    "plain": (
        "sorry, I mixed something up.",
        "sorry, my mistake.",
        "oh, I got that wrong.",
    ),
    "formal": ("I mixed something up, I apologise.", "that was my mistake."),
    "casual": ("oops, my mistake.", "argh, mixed something up."),
}

REACTION_WORDS: dict[str, Table] = {
    "ack": _ACK,
    "thanks": _THANKS,
    "thanks_done": _THANKS_DONE,
    "react": _REACT,
    "value": _VALUE,
    "done": _DONE,
    "none": _NONE,
    "refused": _REFUSED,
    "failed": _FAILED,
    "stuck": _STUCK,
    "skipped": _AGAIN_SKIPPED,
    "unclear": _AGAIN_UNCLEAR,
    "repeat": _AGAIN_REPEAT,
    "detail": _AGAIN_DETAIL,
    "again_failed": _AGAIN_FAILED,
    "again_wrong": _AGAIN_WRONG,
    "doubt": _AGAIN_DOUBT,
    "aside": _ASIDE,
    "corrected": _AGAIN_CORRECTED,
}

"""What stands before a request: greeting, background, haste, transitions.

One table an occasion and a register; `plain` serves where a register has none.
"""

from __future__ import annotations

__all__ = ["LEAD_WORDS"]

Table = dict[str, tuple[str, ...]]

_GREETING: Table = {
    "plain": ("hi.", "hello.", "hi there.", "hello there."),
    "formal": ("good day.", "hello."),
    "casual": ("hey", "hi", "hey there"),
    "hesitant": ("hello, I hope I'm in the right place.", "hi, sorry to bother you."),
    "cheerful": ("hi there!", "hello!", "hello there!"),
    "polite": ("hello.", "hello, I hope you are well.", "hi there."),
}
_CONTEXT: Table = {
    "plain": (
        "I'm tidying up our records.",
        "I'm preparing a short summary for a colleague.",
        "somebody asked me about this on the phone just now.",
        "I'm working through my list for today.",
        "a colleague wanted this from me.",
        "I'm getting things ready for a meeting.",
        "we're going over our data this week.",
        "I'm filling in for a colleague who is away.",
        "I have a few things to sort out.",
        "I want to get this off my desk before the weekend.",
        "there was some confusion about this, so I want to get it straight.",
        "I'm writing up a report and a piece is still missing.",
    ),
    "formal": (
        "I am preparing a report and require some information.",
        "I am reviewing our records.",
        "this concerns our regular review of the data.",
        "I am completing the files for this month.",
    ),
    "casual": (
        "got a few things to sort out here.",
        "trying to clear my list.",
        "boss wants this today.",
        "doing some tidying up.",
    ),
    "hesitant": (
        "I'm not very used to this, so please bear with me.",
        "I hope I'm explaining this properly.",
        "I've never done this before.",
    ),
    "dry": (
        "long list today.",
        "still a few things left on my list.",
        "one of those days.",
    ),
    "cheerful": (
        "I'm finally getting round to my list!",
        "I'm putting our records in order today, and it's going well so far!",
    ),
}
_MORE_CONTEXT: Table = {
    "plain": (
        "this is for the same list.",
        "it belongs to the same job.",
        "I'd like to get this finished today.",
        "a colleague will ask me about it.",
        "I need it for my notes.",
        "it would round off what I'm doing.",
        "I want to have it in one place.",
        "that's still missing on my side.",
        "somebody is waiting for this.",
        "I promised to look into it.",
    ),
    "formal": ("this belongs to the same review.", "I need it for the files."),
    "casual": ("same list.", "it's for the same thing."),
}
_HURRY: Table = {
    "plain": (
        "I don't have much time.",
        "I'm in a bit of a hurry.",
        "quickly, please, I have to leave soon.",
        "I've got a meeting in five minutes.",
        "this is rather urgent.",
    ),
    "formal": ("this matter is urgent.", "I am short of time."),
    "casual": ("kinda in a rush.", "gotta run in a minute."),
}
_NEW_TASK: Table = {
    "plain": (
        "another thing:",
        "I have something else:",
        "there's one more matter:",
        "on a different subject:",
        "now for something else:",
        "oh, and another thing:",
    ),
    "formal": (
        "I have a further request.",
        "on another matter:",
        "there is a second matter.",
    ),
    "casual": ("oh, something else:", "another one:", "ok, different thing:"),
    "hesitant": (
        "sorry, there's something else:",
        "I'm afraid I have one more request:",
    ),
    "cheerful": ("oh, and one more thing!", "while I have you here:"),
    "curt": ("something else:", "different matter:", "another one:"),
}
_NEXT: Table = {
    "plain": ("next,", "now", "also,", "after that,", "then", "and"),
    "formal": ("next,", "in addition,", "furthermore,", "then"),
    "casual": ("ok now", "and", "also", "then"),
    "polite": ("next,", "also,", "when you have a moment,", "if I may,"),
    "chatty": ("while you're at it,", "and since we're at it,", "also,", "now"),
    "curt": ("next:", "now", "and", "also:"),
    "hesitant": ("and, if you have a moment,", "also,"),
    "cheerful": ("next up,", "now", "and", "while you're at it,"),
}
_LAST: Table = {
    "plain": ("finally,", "lastly,", "one last thing:", "and last:"),
    "formal": ("finally,", "lastly,"),
    "casual": ("last thing:", "and finally"),
    "hesitant": ("one last thing, if I may:", "and finally,"),
}

LEAD_WORDS: dict[str, Table] = {
    "greeting": _GREETING,
    "context": _CONTEXT,
    "more_context": _MORE_CONTEXT,
    "hurry": _HURRY,
    "new_task": _NEW_TASK,
    "next": _NEXT,
    "last": _LAST,
}

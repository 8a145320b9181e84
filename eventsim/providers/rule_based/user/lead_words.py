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
        "I'm doing some tidying up.",
        "I'm preparing a short summary for a colleague.",
        "I'm between two meetings.",
        "I'm working through my list for today.",
        "I'm helping a colleague out.",
        "I'm getting things ready for a meeting.",
        "I'm going over our data at the moment.",
        "I'm filling in for a colleague who is away.",
        "I have a few things to sort out.",
        "I'm getting my desk in order before the weekend.",
        "there was some confusion here earlier.",
        "I'm writing up a report and a piece is still missing.",
    ),
    "formal": (
        "I am preparing a report and require some information.",
        "I am reviewing our records.",
        "I am working on our regular review.",
        "I am completing the files for this month.",
    ),
    "casual": (
        "got a few things to sort out here.",
        "working through my list here.",
        "boss is waiting.",
        "doing some tidying up.",
    ),
    "hesitant": (
        "I'm not very used to such chats, so please bear with me.",
        "I hope I'm doing all right so far.",
        "I'm quite new here.",
    ),
    "dry": (
        "long list today.",
        "still a few things left on my list.",
        "long day.",
    ),
    "cheerful": (
        "I'm finally catching up on things!",
        "I'm getting so much done today!",
    ),
}
_MORE_CONTEXT: Table = {
    "plain": (
        "same list as before.",
        "same job, really.",
        "I'm asking for a colleague.",
        "just for my notes.",
        "still open on my side.",
        "that's the next item here.",
        "we're almost through.",
        "then I'm nearly through.",
    ),
    "formal": ("I am nearly finished.", "I am making good progress."),
    "casual": ("same list.", "nearly done here.", "next on my list."),
}
_HURRY: Table = {
    "plain": (
        "I don't have much time.",
        "I'm in a bit of a hurry.",
        "quickly, please, I have to leave soon.",
        "I've got a meeting in five minutes.",
        "I'm rather short of time.",
    ),
    "formal": ("the matter is urgent.", "I am short of time."),
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
    "chatty": ("while you're there,", "and while we're talking,", "also,", "now"),
    "curt": ("next:", "now", "and", "also:"),
    "hesitant": ("and, if you have a moment,", "also,"),
    "cheerful": ("next up,", "now", "and", "while you're there,"),
}
_LAST: Table = {
    "plain": ("finally,", "lastly,", "one last thing:", "and last:"),
    "formal": ("finally,", "lastly,"),
    "casual": ("last thing:", "and finally"),
    "hesitant": ("one last thing, if I may:", "and finally,"),
}

_SWAP: Table = {
    "plain": (
        "I was going to ask for something else, but no, first this:",
        "I had another question, but wait, first this one:",
        "I had something else in mind, but no, first this:",
        "actually, I've changed my mind about the order, so first:",
    ),
    "formal": (
        "I intended to begin with another question, but first this one:",
        "I have reconsidered; first this question:",
    ),
    "casual": ("was gonna ask something else, but nah, first this:", "wait, first:"),
}
_SWITCH: Table = {
    "plain": (
        "on a different subject first:",
        "let me jump ahead first:",
        "something else first, I'll come back to the rest:",
    ),
    "formal": ("allow me to turn to another subject first:",),
    "casual": ("diff subject first:", "jumping ahead first:"),
}
_BACK: Table = {
    "plain": (
        "back to what I left out:",
        "coming back to my other question:",
        "now for the question that I put off:",
    ),
    "formal": ("to return to my other question:",),
    "casual": ("ok back to the other thing:", "back to what I skipped:"),
}
_OFF_TOPIC: Table = {
    "plain": (
        "by the way, can you recommend a good place for lunch?",
        "by the way, do you know a good joke?",
        "by the way, could you water my plants?",
        "out of curiosity, do you have any hobbies?",
        "a bit off topic: can you sing?",
    ),
    "formal": (
        "a bit off topic: do you speak French?",
        "out of curiosity, can you recommend a good place for lunch?",
    ),
    "casual": ("by the way, know any good jokes?", "by the way, can you sing?"),
}
_SMALL_TALK: Table = {
    "plain": (
        "I hope your day is going well.",
        "the sun is finally out here.",
        "it's raining cats and dogs here.",
        "I could do with a coffee.",
    ),
    "casual": ("lovely weather today.",),
    "cheerful": ("I'm so ready for the weekend!", "the sun is finally out here!"),
    "hesitant": ("I hope you're having a nice day.",),
}

LEAD_WORDS: dict[str, Table] = {
    "greeting": _GREETING,
    "context": _CONTEXT,
    "more_context": _MORE_CONTEXT,
    "hurry": _HURRY,
    "new_task": _NEW_TASK,
    "next": _NEXT,
    "last": _LAST,
    "swap": _SWAP,
    "switch": _SWITCH,
    "back": _BACK,
    "off_topic": _OFF_TOPIC,
    "small_talk": _SMALL_TALK,
}

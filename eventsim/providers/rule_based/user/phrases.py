"""What the user says around requests: greetings, reactions, answers, farewells.

One table an occasion and a register; `plain` serves where a register has none. Only
`CLOSING` may hold words that end a task: see `transcript.is_closing`.
"""

from __future__ import annotations

__all__ = ["PHRASES", "Table"]

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
    "hesitant": ("and, if it's not too much,", "also,", "and then"),
    "cheerful": ("next up,", "now", "and", "while you're at it,"),
}
_LAST: Table = {
    "plain": ("finally,", "lastly,", "one last thing:", "and last:"),
    "formal": ("finally,", "lastly,"),
    "casual": ("last thing:", "and finally"),
    "hesitant": ("one last thing, if I may:", "and finally,"),
}
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
    "casual": ("cool.", "nice.", "ok thanks.", "got it.", "sweet."),
    "hesitant": ("oh, thank you.", "ah, good.", "thanks, that's a relief."),
    "cheerful": ("lovely, thanks!", "perfect!", "wonderful!", "great, thank you!"),
    "dry": ("fine.", "good enough.", "right.", "okay."),
    "curt": ("ok.", "fine.", "good.", "right."),
    "exact": ("good.", "noted.", "that answers it.", "all right."),
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
_REACT: Table = {
    "plain": (
        "good to know.",
        "that's what I thought.",
        "okay, that's clear.",
        "that's helpful.",
        "ah, interesting.",
        "right, I see.",
        "good, that's what I was after.",
        "all right, I've noted that.",
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
    "plain": ("{v}, good to know.", "{v}, okay.", "{v}, thanks.", "so {v}, I see."),
    "formal": ("{v}, noted.", "{v}, thank you."),
    "casual": ("{v}, ok.", "ah {v}."),
    "cheerful": ("{v}, lovely!", "{v}, perfect!"),
    "dry": ("{v}. right.", "{v} then."),
    "exact": ("{v}, noted.", "{v}, then."),
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
    "dry": ("good. one less.", "done, then.", "fine."),
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
        "all right, then we leave it as it is.",
        "I see, that can't be helped.",
        "fair enough.",
        "pity, but all right.",
    ),
    "formal": ("I understand.", "very well.", "I accept that."),
    "casual": ("ok fair enough.", "ah well.", "shame, but ok."),
    "polite": (
        "I understand, thank you for telling me.",
        "that's all right, thank you.",
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
    "curt": ("great. then not.", "fine, forget it."),
    "dry": ("that's how today is going.", "of course."),
}
_STUCK: Table = {
    "plain": ("let's leave that.", "never mind, let's leave it.", "okay, never mind."),
    "formal": ("let us leave that.", "never mind."),
    "casual": ("eh, never mind.", "ok skip it."),
}
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
        "yes, if that's all right.",
    ),
    "cheerful": ("yes please!", "yes, go for it!", "exactly, yes!"),
    "dry": ("yes.", "yes, that.", "yes, go on."),
    "curt": ("yes.", "yes, do it.", "go ahead.", "correct."),
    "exact": ("yes, exactly that.", "correct, nothing else.", "yes, that is right."),
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
        "{v} is the one I mean.",
    ),
    "formal": ("I am referring to the one with {v}.", "the one with {v}, please."),
    "casual": ("the {v} one", "the one with {v}"),
    "curt": ("the one with {v}.", "{v}."),
    "hesitant": ("I think the one with {v}.", "it should be the one with {v}."),
}
_UNKNOWN: Table = {
    "plain": (
        "I don't know, I'm afraid.",
        "I don't have that.",
        "sorry, I don't know that.",
        "no idea, that's all I have.",
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
_AGAIN_SKIPPED: Table = {
    "plain": (
        "you left out the other part.",
        "there was a second part to it.",
        "I also asked for something else there.",
        "that's only half of it.",
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
    "curt": ("half of it is missing.", "and the rest?"),
}
_AGAIN_UNCLEAR: Table = {
    "plain": (
        "that's not what I asked.",
        "hm, that doesn't answer it.",
        "let me ask again.",
    ),
    "formal": ("that does not answer my question.", "allow me to ask again."),
    "casual": ("that's not it.", "hm, not what I asked."),
    "polite": ("sorry, perhaps I wasn't clear.", "let me put it another way."),
    "hesitant": ("sorry, maybe I explained it badly.", "sorry, let me try again."),
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
    "formal": ("that is not what I specified.", "that is not correct yet."),
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

PHRASES: dict[str, Table] = {
    "greeting": _GREETING,
    "context": _CONTEXT,
    "more_context": _MORE_CONTEXT,
    "hurry": _HURRY,
    "new_task": _NEW_TASK,
    "next": _NEXT,
    "last": _LAST,
    "ack": _ACK,
    "thanks": _THANKS,
    "react": _REACT,
    "value": _VALUE,
    "done": _DONE,
    "none": _NONE,
    "refused": _REFUSED,
    "failed": _FAILED,
    "stuck": _STUCK,
    "yes": _YES,
    "wrong": _WRONG,
    "tell": _TELL,
    "choose": _CHOOSE,
    "unknown": _UNKNOWN,
    "no_code": _NO_CODE,
    "only_code": _ONLY_CODE,
    "choice_unknown": _CHOICE_UNKNOWN,
    "skipped": _AGAIN_SKIPPED,
    "unclear": _AGAIN_UNCLEAR,
    "again_failed": _AGAIN_FAILED,
    "again_wrong": _AGAIN_WRONG,
    "doubt": _AGAIN_DOUBT,
    "closing": _CLOSING,
}

"""Whose voice a simulated user message is in: the user's, or somebody else's.

The assistant's voice, stage directions, talk about the simulation, leaked reasoning,
tool calls as text. Each check gives what it found, or nothing. Words that belong to
the task or to what the assistant said are never held against the user.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from eventsim.quality.user_messages.draft import Draft, words_of

__all__ = [
    "calls_tools",
    "leaks_reasoning",
    "speaks_as_assistant",
    "stage_directions",
    "talks_about_the_setup",
]

# Alternatives stand behind one word boundary: tried apart, each costs as much as all.
_ANY_DONE = (
    r"(?:updated|changed|added|deleted|removed|created|set|cancell?ed|booked|scheduled|"
    r"rescheduled|processed|recorded|registered|corrected|adjusted|renamed|assigned|"
    r"reserved|placed|completed|confirmed|saved|modified|moved|retrieved|located)"
)
_SERVE = r"(?:help|assist|support|serve|be of (?:help|assistance|service))"
_LOOK = r"(?:look up|look into|search|pull up|retrieve|fetch|find|check|update|change)"
_WORK = (
    r"(?:look|check|find|search|update|change|add|delete|remove|process|book|cancel|"
    r"get|pull|do|handle|arrange|set|create|fix|correct|submit|place|retrieve)"
)
_YOURS = (
    r"your (?:full |e-?mail|phone|customer|account|order|member|user|name|address|"
    r"date of)"
)
_ASSISTANT = re.compile(
    rf"\b(?:how (?:can|may|could|might) i (?:\w+ )?{_SERVE}\b"
    r"|what (?:else )?can i (?:do for|help|assist)\b"
    r"|what (?:else |more )?(?:would|do|should) you (?:like|want|need) me to do\b"
    rf"|i can (?:certainly |definitely |surely )?{_SERVE} (?:you )?"
    r"with (?:that|this|it)\b"
    rf"|how (?:can|may|could) i be of\b|(?:can|may|could) i {_SERVE} you\b"
    rf"|(?:anything|something) else (?:that )?(?:i|we) (?:can|may|could) {_SERVE}\b"
    r"|anything else (?:that )?(?:i|we) (?:can|may|could) do for you\b"
    r"|(?:anything|something) else you(?:'d| would)? (?:need|like|want)"
    r" (?:help|assistance)\b"
    r"|i(?:'d| would|'ll| will)? be (?:more than )?"
    rf"(?:happy|glad|delighted|pleased|able) to {_SERVE}\b"
    r"|i(?:'m| am) (?:more than )?"
    rf"(?:happy|glad|here|ready|able|available) to {_SERVE}\b"
    r"|let me know if you (?:need|have|require|want|would like|'d like) "
    r"(?:any |some |further |more |additional |anything |other )*"
    r"(?:help|assistance|support|questions?|requests?|concerns?|anything else|else)"
    r"(?! (?:from me|about (?:me|my)|for me))\b"
    r"|feel free to (?:ask|reach out|contact|let me know)\b"
    r"|thank(?:s| you) for (?:contacting|reaching out|calling (?:us|our)|choosing|"
    r"your (?:inquiry|enquiry|question|request|order with us))\b"
    r"|i apologi[sz]e for (?:the|any) inconvenience\b"
    r"|as an ai\b|as (?:an?|your) (?:\w+ )?assistant\b"
    r"|i(?:'m| am) (?:an|your|just an|only an) (?:ai|\w* ?assistant|language model)\b"
    r"|i (?:do not|don't) have access to (?:the database|real-time|your)\b"
    r"|i(?:'m| am) (?:unable|not able) to (?:assist|help)\b"
    r"|i (?:can't|cannot|can not) (?:assist|help) (?:you )?with\b"
    rf"|would you like me to (?:go ahead|proceed|{_WORK}) "
    rf"|(?:provide|give|share|tell) (?:me |us )?(?:with )?{_YOURS}"
    rf"|i(?:'ve| have)? (?:now |just |also )*successfully {_ANY_DONE}\b"
    rf"|i(?:'ve| have) (?:now |just |also |gone ahead and )*{_ANY_DONE} your\b"
    rf"|your (?:\S+ ){{1,4}}(?:has|have) been (?:successfully )?{_ANY_DONE}\b"
    r"|i(?:'ll| will) (?:now |just |go ahead and |gladly )*"
    rf"(?:take care|{_WORK}) (?:\S+ ){{0,8}}for you\b"
    rf"|let me (?:just |quickly |now )*{_LOOK} (?:\S+ ){{0,8}}for you\b"
    r"|let me (?:just |quickly |now )*(?:look up|search for|pull up|retrieve|fetch) "
    r"(?:the|that|your|this)\b"
    r"|here(?:'s| is| are) (?:your|the (?:search )?results?\b)"
    r"|i was able to (?:successfully|retrieve|update|change|add|delete|remove)\b"
    r")|^(?:certainly|of course|sure|absolutely)[!.,] (?:here are\b|"
    rf"i(?:'ll| will) {_WORK}\b|let me (?:look|search|find)|what(?:'s| is) {_YOURS})"
)
_DID = re.compile(
    rf"\bi(?:'ve| have) (?:now |just |also |gone ahead and )*(?P<did>{_ANY_DONE}) "
    r"(?:the|it|that|this|them|all|both)\b(?P<rest>[^.!?]*)"
)
_USERS_DO = frozenset(
    "added created set canceled cancelled booked scheduled recorded registered "
    "reserved placed completed confirmed saved moved".split()
)
_REQUEST = re.compile(
    r"\?|\bplease\b|\b(?:can|could|would) you\b|\bi(?:'d| need| want)\b"
)
_OWN_DOING = re.compile(
    r"\b(?:myself|already|yesterday|earlier|before|ago|last|on my|mind|but|wrong|"
    r"by mistake|in my|today|this morning|from my side)\b"
)
_DONE_REPORT = re.compile(
    rf"^(?:the|all) [^.!?]* (?:has|have) been successfully {_ANY_DONE}\b"
)
_AGREES = re.compile(r"(?:sure|certainly|of course|absolutely|no problem)[!.,]")
"""Nobody begins a chat by agreeing."""

_WELCOME = re.compile(r"^(?:you(?:'re| are) (?:very |most )?welcome|my pleasure)\b")
_ELSEWHERE = re.compile(
    r"\b(?:wie (?:kann|darf) ich (?:ihnen|dir|euch) (?:\w+ )?(?:helfen|behilflich)\b"
    r"|(?:ich|gerne?) helfe ich ihnen\b|als (?:ki|künstliche intelligenz)\b"
    r"|(?:en|cómo|como) (?:qué )?(?:puedo|podría) ayudar(?:te|le|les|os)\b"
    r"|comment puis-je vous aider\b|en quoi puis-je vous aider\b"
    r"|come posso aiutar(?:la|ti|vi)\b|como posso (?:te |lhe )?ajud(?:ar|á-l[oa])\b"
    r")|我能(?:为|帮)您|有什么可以帮(?:您|你)|我可以(?:帮|为)您|お手伝いできることは"
    r"|чем (?:я )?могу (?:вам )?помочь|무엇을 도와드릴까요"
)

_STAGE_VERB = (
    r"(?:smil|sigh|laugh|nod|paus|typ|wait|think|look|shrug|chuckl|frown|scratch|click|"
    r"read|lean|grin|wink|giggl|clear|gestur|hesitat|ponder|squint|yawn|stare|star|"
    r"check|scroll|glanc|listen|exit|leav|enter|rub|tap|take|tak|hang|breath)"
    r"(?:e?s|ing|ed)"
)
_STARRED = re.compile(rf"(?<!\*)\*\s?(?:{_STAGE_VERB})\b[^*\n]*\*(?!\*)")
_BRACKETED = re.compile(r"\[[^\]\n]{2,80}\]|<[a-z][a-z _-]{1,40}>")
_PARENTHESES = re.compile(
    rf"\((?:{_STAGE_VERB}\b|(?:the )?user\b|(?:softly|quietly|nervously|politely|"
    rf"after a (?:pause|moment|while))\b)[^)\n]*\)"
)
_LABEL = re.compile(
    r"^(?:user|customer|human|assistant|agent|bot|system|client|me)\s?:", re.IGNORECASE
)
_OUTSIDE_QUOTES = re.compile(r'"[^"]*"')

_SETUP = re.compile(
    r"\b(?:is_task_complete\b|user_message\b"
    r"|(?:my|the|this|your|system) (?:system )?prompts?"
    r"(?! (?:reply|response|answer|help|service|delivery|action))\b"
    r"|(?:my|the|all|first|second|third|next|last|these|remaining) (?:\w+ )?"
    r"objectives?\b"
    r"|(?:objective|subtask|point) (?:number |no\.? )?\d\b"
    r"|numbered points?\b|all (?:of )?(?:(?:the|my) )?(?:\w+ )?points\b"
    r"|(?:my|these|the) instructions (?:say|tell|are|ask|state|do)\b"
    r"|(?:as instructed|per (?:my|the) instructions)\b"
    r"|role-?play(?:ing)?\b|simulat(?:e|es|ed|ing|ion|or)\b|persona\b"
    r"|(?:the|this|my) (?:task|conversation|dialogue) is (?:now )?(?:complete|over|"
    r"finished|done)\b|mark(?:ing|ed)? (?:this|the|it) (?:\w+ )?(?:as )?complete\b"
    r"|json\b|system message\b|chat template\b)"
)

_THINKING = re.compile(
    r"</?think(?:ing)?>|<\|[a-z_]+\|>|</?reasoning>|</?scratchpad>"
    r"|^(?:thought|thoughts|thinking|reasoning|analysis|plan|rationale|explanation|"
    r"note to self|internal)\s?:"
    r"|\b(?:let me think (?:this through|about (?:this|how|what i)|step by step)\b"
    r"|(?:think|reason)(?:ing)? step by step\b"
    r"|i should (?:(?:now|next|first|then) )?"
    r"(?:ask (?:for|about|the)|request|respond|reply|thank the|acknowledge|act as|"
    r"stay in|pretend|(?:continue|end|wrap up) (?:the|this) conversation)\b"
    r"|i (?:need|have|want) to (?:respond|reply) (?:politely|as|with|in|to the "
    r"assistant|naturally)\b"
    r"|i (?:need|have|want) to (?:pretend|stay in character|"
    r"write (?:my|the) (?:next )?(?:message|response|reply)|"
    r"continue (?:the|this) conversation)\b"
    r"|my (?:next|first) message (?:should|will|is)\b|the next message is\b"
    r"|now that the assistant\b|since the assistant\b|in character\b)"
)
_THIRD_PERSON = re.compile(
    r"\bthe (?:simulated )?user (?:wants|needs|should|is (?:asking|looking|requesting|"
    r"trying)|asked|has asked|would like)\b"
)
_ASSISTANT_AS_THIRD = re.compile(
    r"\bthe assistant (?:has|said|says|asked|asks|provided|is|was|wants|needs|should|"
    r"gave|did|confirmed|responded|replied|seems|will)\b"
)
_FENCE = re.compile(r"```|~~~|<tool_call>|<function|\bfunction_call\b|\btool_calls?\b")
_JSON_LIKE = re.compile(
    r'^\s*[\[{]\s*["{\[]|\{\s*"\w+"\s*:|"(?:name|arguments|parameters)"\s*:'
)
_CODE_MARK = re.compile(r'[`~<_{\["]')
_CALL = re.compile(r"\b[a-z]+(?:_[a-z0-9]+)+\s?\(")


def _first(draft: Draft, *patterns: re.Pattern[str]) -> str:
    for pattern in patterns:
        found = pattern.search(draft.folded)
        if found and not _is_known(draft, found[0]):
            return found[0]
    return ""


def _is_known(draft: Draft, phrase: str) -> bool:
    """Whether the task itself holds these words."""
    folded = phrase.strip(" .,:!")
    return any(folded in text.casefold() for text in draft.given)


def _words_known(draft: Draft, words: Iterable[str]) -> bool:
    return all(word in draft.vocabulary for word in words)


def speaks_as_assistant(draft: Draft) -> str:
    """Offers help, reports work as done, or says that it is a machine."""
    found = _first(draft, _ASSISTANT, _DONE_REPORT, _ELSEWHERE)
    if found:
        return found
    agrees = _AGREES.match(draft.folded) if draft.opens else None
    if agrees and not draft.heard:
        return agrees[0]
    done = _DID.search(draft.folded)
    if done and not _OWN_DOING.search(done["rest"]):
        # people do some of this themselves, and then go on to ask for something
        goes_on = done["did"] in _USERS_DO and _REQUEST.search(draft.folded)
        if not goes_on:
            return done[0]
    if _WELCOME.search(draft.folded) and "thank" not in draft.last_heard:
        return draft.folded[:40]
    return ""


def calls_tools(draft: Draft) -> str:
    """Holds JSON, code, or a call of a tool, which nobody types into such a chat."""
    if not (_CODE_MARK.search(draft.folded) or _CODE_MARK.search(draft.text)):
        return ""
    found = _FENCE.search(draft.folded) or _JSON_LIKE.search(draft.text)
    found = found or _CALL.search(draft.text)
    return found[0].strip() if found else ""


def stage_directions(draft: Draft) -> str:
    """Describes what somebody does instead of what they type, or leaves a blank."""
    bare = _OUTSIDE_QUOTES.sub('""', draft.folded)
    found = "*" in bare and _STARRED.search(bare)
    found = found or ("(" in bare and _PARENTHESES.search(bare))
    found = found or _LABEL.search(draft.text.strip())
    if found:
        return found[0]
    for bracketed in _BRACKETED.finditer(bare):
        inside = bracketed[0][1:-1]
        texts = (*draft.given, *draft.heard)
        if not any(inside in text.casefold() for text in texts):
            return bracketed[0]
    return ""


def talks_about_the_setup(draft: Draft) -> str:
    """Speaks of prompts, objectives, roles or the format of its answer."""
    found = _SETUP.search(draft.folded)
    if found is None:
        return ""
    telling = max(found[0].split(), key=len)
    return "" if _words_known(draft, [telling]) else found[0]


def _speaks_of_users(draft: Draft) -> bool:
    """Whether the matter itself has users, apart from how a goal is worded."""
    matter = (*(objective.text for objective in draft.task.objectives), *draft.heard)
    return any({"user", "users"} & set(words_of(text)) for text in matter)


def leaks_reasoning(draft: Draft) -> str:
    """Thinks aloud about what to say, or speaks of both sides from outside."""
    if found := _THINKING.search(draft.folded):
        return found[0]
    third = "user" in draft.folded and _THIRD_PERSON.search(draft.folded)
    if third and not _speaks_of_users(draft):
        return third[0]
    if "assistant" not in draft.folded:
        return ""
    found = _ASSISTANT_AS_THIRD.search(draft.folded)
    if found and "assistant" not in " ".join(map(str.casefold, draft.given)):
        return found[0]
    return ""

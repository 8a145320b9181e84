"""Sentences around a request, one table a form and a register.

`{inf}`, `{ger}`, `{np}`, `{be}`, `{wh}`, `{that}` and `{q}` take the forms of an
objective; `{own}` is an infinitive that the person could do themselves, `{thing}` a
noun phrase that can stand without a verb of looking. Everything begins in lower case
(but for "I"); the finishing step sets capitals. No sentence here names anything of a
domain.
"""

from __future__ import annotations

__all__ = ["INFINITIVE", "PLURAL", "SINGULAR", "THAT", "WH"]

Table = dict[str, tuple[str, ...]]

BE = ("{be}?", "{be}?")

INFINITIVE: Table = {
    "plain": (
        "can you {inf}?",
        "could you {inf}?",
        "please {inf}.",
        "I need you to {inf}.",
        "I'd like you to {inf}.",
        "I'd like to {own}.",
        "I want to {own}.",
        "I need to {own}.",
        "can you please {inf}?",
        "help me {own}.",
    ),
    "polite": (
        "could you please {inf}?",
        "would you mind {ger}?",
        "would you please {inf}?",
        "could I ask you to {inf}?",
        "I'd be grateful if you could {inf}.",
        "it would be great if you could {inf}.",
        "would it be possible to {inf}?",
        "would you be so kind as to {inf}?",
        "I'd appreciate it if you could {inf}.",
    ),
    "curt": (
        "{inf}.",
        "{inf}, please.",
        "I need you to {inf}.",
        "just {inf}.",
        "need you to {inf}.",
        "please {inf}.",
    ),
    "chatty": (
        "I was hoping you could {inf}.",
        "do you think you could {inf}?",
        "it would help me a lot if you could {inf}.",
        "would you be able to {inf}?",
        "I was wondering if you could {inf}.",
        "I'd love for you to {inf}.",
        "could you help me {own}?",
    ),
    "formal": (
        "I would like you to {inf}.",
        "kindly {inf}.",
        "would you please {inf}?",
        "I would ask you to {inf}.",
        "please {inf}.",
        "I wish to {own}.",
        "I must ask you to {inf}.",
        "would you be so kind as to {inf}?",
    ),
    "casual": (
        "can you {inf}?",
        "mind {ger}?",
        "could you quickly {inf}?",
        "need to {own}",
        "can you just {inf}?",
        "do me a favour and {inf}",
        "pls {inf}",
        "I wanna {own}",
    ),
    "hesitant": (
        "I think I need to {own}.",
        "could you maybe {inf}?",
        "would it be all right to {inf}?",
        "I'm trying to {own}.",
        "could you perhaps {inf}?",
        "is it possible to {inf}?",
        "I hope it's no trouble to {inf}.",
    ),
    "exact": (
        "I need you to {inf}.",
        "please {inf}.",
        "I need the following: {inf}.",
        "I want you to {inf}.",
    ),
}

SINGULAR: Table = {
    "plain": (
        "{be}?",
        "can you tell me {np}?",
        "could you give me {np}?",
        "I need {thing}.",
        "please tell me {np}.",
        "I'd like to know {np}.",
        "can you find {np}?",
        "I'm looking for {np}.",
        "could you tell me {np}?",
    ),
    "polite": (
        "could you please tell me {np}?",
        "may I ask you for {np}?",
        "would you tell me {np}, please?",
        "could I have {np}, please?",
    ),
    "curt": (
        "{thing}, please.",
        "{be}?",
        "I need {thing}.",
        "{thing}?",
        "need {thing}.",
    ),
    "chatty": (
        "do you happen to know {np}?",
        "I'd love to know {np}.",
        "would you be able to tell me {np}?",
    ),
    "formal": (
        "please provide {np}.",
        "I would like to know {np}.",
        "would you please tell me {np}?",
        "I require {thing}.",
    ),
    "casual": (
        "{be}?",
        "can you get me {np}?",
        "can you grab {np}?",
        "looking for {np}",
    ),
    "hesitant": (
        "could you maybe tell me {np}?",
        "I'm trying to find {np}.",
        "I wonder if you know {np}.",
        "do you perhaps have {np}?",
    ),
    "exact": (
        "what exactly is {np}?",
        "please give me {np}, exactly.",
        "I need {thing}, exactly.",
        "please look up {np}.",
    ),
}

PLURAL: Table = {
    "plain": (
        "{be}?",
        "can you show me {np}?",
        "could you list {np}?",
        "I'd like to see {np}.",
        "please show me {np}.",
        "can you give me {np}?",
        "I'm looking for {np}.",
        "can you find {np}?",
        "I need {thing}.",
    ),
    "polite": (
        "could you please list {np}?",
        "would you show me {np}, please?",
        "could I see {np}, please?",
        "may I see {np}?",
    ),
    "curt": ("{thing}, please.", "list {np}.", "show me {np}.", "I need {thing}."),
    "chatty": (
        "I'd love to see {np}.",
        "would you be able to show me {np}?",
        "do you think you could list {np}?",
        "I was hoping to see {np}.",
    ),
    "formal": (
        "please list {np}.",
        "I would like to see {np}.",
        "would you please list {np}?",
        "I require {thing}.",
    ),
    "casual": ("show me {np}", "{be}?", "can you pull up {np}?", "need {thing}"),
    "hesitant": (
        "could you maybe show me {np}?",
        "I'm trying to find {np}.",
        "would it be all right to see {np}?",
    ),
    "exact": ("list {np}.", "please list {np}.", "please look up {np}."),
}

WH: Table = {
    "plain": (
        "{q}?",
        "can you tell me {wh}?",
        "do you know {wh}?",
        "I'd like to know {wh}.",
        "I need to know {wh}.",
        "could you find out {wh}?",
        "please tell me {wh}.",
        "I want to know {wh}.",
    ),
    "polite": (
        "could you please tell me {wh}?",
        "would you mind telling me {wh}?",
        "may I ask {wh}?",
        "could you kindly find out {wh}?",
    ),
    "curt": ("{q}?", "tell me {wh}.", "I need to know {wh}.", "find out {wh}."),
    "chatty": (
        "I was wondering {wh}.",
        "do you happen to know {wh}?",
        "I've been asking myself {wh}.",
        "I'm curious {wh}.",
    ),
    "formal": (
        "please find out {wh}.",
        "I would like to know {wh}.",
        "may I ask {wh}?",
        "would you please tell me {wh}?",
    ),
    "casual": ("{q}?", "any idea {wh}?", "can you tell me {wh}?", "wondering {wh}"),
    "hesitant": (
        "could you maybe tell me {wh}?",
        "I'm not sure {wh}.",
        "I was wondering {wh}.",
        "do you know, by any chance, {wh}?",
    ),
    "exact": ("tell me exactly {wh}.", "{q}?", "I need to know exactly {wh}."),
}

THAT: Table = {
    "plain": (
        "{q}?",
        "can you check that {that}?",
        "could you confirm that {that}?",
        "please check that {that}.",
        "can you verify that {that}?",
        "I'd like to check that {that}.",
    ),
    "polite": (
        "could you please confirm that {that}?",
        "would you mind checking that {that}?",
        "could you kindly check that {that}?",
    ),
    "curt": ("check that {that}.", "{q}?", "confirm that {that}."),
    "chatty": (
        "would you be so kind as to check that {that}?",
        "would you be able to check that {that}?",
        "I'd be glad if you could check that {that}.",
    ),
    "formal": (
        "please confirm that {that}.",
        "would you please verify that {that}?",
        "I would like you to confirm that {that}.",
    ),
    "casual": ("{q}?", "can you check that {that}?", "just check that {that}"),
    "hesitant": (
        "could you maybe check that {that}?",
        "I'd feel better if you could check that {that}.",
        "could you see whether {that}?",
    ),
    "exact": (
        "please double-check that {that}.",
        "verify that {that}.",
        "I want to be certain: {q}?",
    ),
}

"""User messages by hand, good ones and bad ones, each at a point of a dialogue.

`POINTS` are dialogues up to where the user speaks; a message that begins with `END `
ends the task. Bad messages stand under the check that has to stop them.
"""

from __future__ import annotations

from collections.abc import Sequence

from eventsim.core import events as e
from eventsim.core.fold import fold
from eventsim.core.state import Dialogue
from eventsim.core.tasks import Checks, Fact, Objective, Profile, Task
from tests.builders import REF, started

__all__ = ["BAD", "ELSEWHERE", "GOOD", "POINTS", "TASKS", "at"]


def _task(
    goal: str, known: Sequence[str], objectives: Sequence[str], **facts: str
) -> Task:
    return Task(
        title=goal[:40],
        difficulty="medium",
        goal=goal,
        profile=Profile(
            name="Dana Cole",
            role="You work at the front desk.",
            known_info=tuple(known),
            unknown_info=("The customer's number.",),
        ),
        objectives=tuple(
            Objective(number=number, text=text, kind="read")
            for number, text in enumerate(objectives, 1)
        ),
        checks=Checks(
            facts=tuple(
                Fact(objective=1, about=about, values=(value,))
                for about, value in facts.items()
            )
        ),
    )


TASKS = {
    "store": _task(
        'The phone of the customer "Ana Lima" is 555 0147, and the user knows more '
        "about her invoices and the album.",
        ("The desk code is 4711.", "Ana Lima lives in Rio de Janeiro."),
        (
            'find the email of the customer "Ana Lima"',
            'change the phone of the customer "Ana Lima" to "555 0147"',
            "find out the total of invoice 3021",
            'list the tracks of the album "Balls to the Wall"',
            'add the track "Evil Walks" to the playlist "Grunge"',
        ),
        email="ana.lima@mail.example",
    ),
    "clinic": _task(
        'The appointment of the pet "Biscuit" is moved and a bill is looked up.',
        (
            "Biscuit's appointment is number 1041.",
            "The new day is 2026-03-03.",
            "The weight was 25.00 kg at the last visit.",
        ),
        (
            "look up appointment 1041 and read out the vet",
            "move appointment 1041 to 2026-03-03 17:00",
            'delete the invoice "INV-2041"',
        ),
        vet="Hanna Wrona",
    ),
}

TASKS["airline"] = _task(
    "The user flies one way from New York to Seattle on May 20 in economy, with three "
    "bags, paid by two certificates and a card.",
    (
        "Your user id is mia_li_3668.",
        "You do not want to fly before 11am EST.",
        "You prefer direct flights, but one stopover is fine.",
        "You have two certificates and a card ending in 7447.",
    ),
    (
        "book a one-way flight from New York to Seattle on 2024-05-20 in economy",
        "add 3 checked bags to the booking, without travel insurance",
        "pay with both certificates and charge the rest to the card ending in 7447",
    ),
)

_FLIGHT = (
    "Hi! I'd like to book a one-way flight from New York to Seattle on May 20th.",
    "Happy to help. Could you give me your user id first?",
)
_FLIGHT_OFFER = (
    *_FLIGHT,
    "My user id is mia_li_3668.",
    "Thank you, Mia. There are two flights: HAT136 at 11:00 with one stop for $152, "
    "and HAT039 at 15:30 for $148.50. Which one would you like?",
)
_FLIGHT_TERMS = (
    *_FLIGHT_OFFER,
    "The first one, please, and I have three bags.",
    "A third bag costs $50, so the total is $202. Insurance is $30. How do you want to "
    "pay? You have certificates of $100 and $58.",
)

_STORE_EMAIL = (
    'Hi, could you find the email of the customer "Ana Lima" for me?',
    "The email of Ana Lima is ana.lima@mail.example.",
)
_STORE_CODE = (
    *_STORE_EMAIL,
    "Thanks. Now please change her phone to 555 0147.",
    "Before I change anything, could you give me the desk code?",
)
_STORE_CONFIRM = (
    *_STORE_CODE,
    "It's 4711.",
    "I will change the phone of Ana Lima from 555 0100 to 555 0147. Shall I go ahead?",
)
_STORE_INVOICE = (
    *_STORE_CONFIRM,
    "Yes, please.",
    "Done: the phone of Ana Lima is now 555 0147. Is there anything else?",
    "What's the total of invoice 3021?",
    "Invoice 3021 has the total 1,234.50 in 42 lines, of which 18 are tracks.",
)
_STORE_END = (
    *_STORE_INVOICE,
    'Which tracks are on "Balls to the Wall"? And add "Evil Walks" to "Grunge".',
    'The album has one track, "Balls to the Wall". "Evil Walks" is now on "Grunge".',
)
_CLINIC_VET = (
    "Hello. Which vet is appointment 1041 with?",
    "Appointment 1041 of Biscuit is with Hanna Wrona on March 1st at 9:30.",
)
_CLINIC_REFUSED = (
    *_CLINIC_VET,
    "Could you move it to 3 March 2026, 5pm?",
    "Appointment 1041 is now on 2026-03-03 at 17:00.",
    "And please delete INV-2041.",
    "I'm sorry, I can't do that: invoices may not be deleted.",
)

POINTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "flight opens": ("airline", ()),
    "flight id": ("airline", _FLIGHT),
    "flight offer": ("airline", _FLIGHT_OFFER),
    "flight terms": ("airline", _FLIGHT_TERMS),
    "store opens": ("store", ()),
    "store email": ("store", _STORE_EMAIL),
    "store code": ("store", _STORE_CODE),
    "store confirm": ("store", _STORE_CONFIRM),
    "store invoice": ("store", _STORE_INVOICE),
    "store end": ("store", _STORE_END),
    "clinic opens": ("clinic", ()),
    "clinic vet": ("clinic", _CLINIC_VET),
    "clinic refused": ("clinic", _CLINIC_REFUSED),
}


def at(point: str, language: str = "English") -> tuple[Dialogue, Task]:
    """The dialogue at a point, and its task."""
    name, said = POINTS[point]
    events: list[e.Event] = [
        started(),
        e.ClockSet(now="2026-02-25T09:00:00Z"),
        e.PersonaAssigned(name="plain", description="Plain.", language=language),
        e.TaskAssigned(number=1, title="t", digest="d" * 64, preparation=REF),
    ]
    for number, text in enumerate(said):
        by_assistant = number % 2
        events.append(
            e.AssistantReplied(text=text) if by_assistant else e.UserMessaged(text=text)
        )
    return fold(events), TASKS[name]


GOOD: dict[str, tuple[str, ...]] = {
    "flight opens": (
        "Hi! I want to fly from New York to Seattle on May 20, one way, in economy.",
        "Hello, I need a flight to Seattle on 20 May. I'm in New York, and I'd rather "
        "not leave before 11am EST.",
        "I'm planning a trip for my 30th birthday. Can you get me a flight to Seattle?",
    ),
    "flight id": (
        "Sure, it's mia_li_3668.",
        "I was able to find it in my mail: mia_li_3668.",
        "I'll spell it for you: mia_li_3668.",
        "Of course. Is there anything else you need from me?",
        "I'm not comfortable sharing that. Can we go on without it?",
        "Where would I find my user id? I don't have it at hand.",
    ),
    "flight offer": (
        "HAT136 at 11:00 for $152 sounds good, please book that one.",
        "What's the difference, $3.50? Then I'd take the 11am one.",
        "Actually, before you do that: is the 3:30pm flight nonstop?",
        "I've booked the hotel for the 20th, so the earlier one, please.",
        "I should first check with my wife. Can you hold HAT039 for 24 hours?",
        "So the next step is to pick one? I'll take HAT136.",
        "I need to reply to my boss by noon, so quickly: the first one.",
    ),
    "flight terms": (
        "No insurance, thanks. Both certificates, please, and the rest, $44, by card.",
        "So $202 minus $158 makes $44 for the card ending in 7447, right?",
        "Okay. With the two certificates first, the remaining $44 goes on the card.",
        "Would you like me to confirm the last four digits? It's 7447.",
        "I see, 152 + 50 = 202. Both certificates, and the rest on my 7447 card.",
        "That works for me. Could you confirm the total before you charge my card?",
    ),
    "store opens": (
        'Hi there! I need the email of the customer "Ana Lima", please.',
        "hey, whats the email of Ana Lima",
        "Good morning. Could you help me with the contact details of Ana Lima?",
        "I'm at the front desk and somebody is waiting. What's Ana Lima's email?",
        "Can you help me? I have a question about a customer.",
        'Please look up the email of "Ana Lima" and then set her phone to 555 0147.',
        "I hope you can help me: I can't find the address of Ana Lima (the email one).",
        "Hello, I have two requests. First, I need the email of Ana Lima.",
        "I have about 10 minutes before my 2:30 meeting. Ana Lima's email, please?",
        "Anything on Ana Lima from Rio de Janeiro? I'd need her email.",
    ),
    "store email": (
        "Great, thank you! Please change her phone to 555 0147 now.",
        "Perfect. Could you also set her phone number to 555-0147?",
        "ana.lima@mail.example, got it. Next, her new phone is 5550147.",
        "Thanks. I'd be happy to give you the code if you need it.",
        "Is that the one ending in @mail.example? Just checking.",
        "I've written that down. Now for her phone: it should be 555 0147.",
        "Good. I have changed my mind about the order: first, what is invoice 3021?",
        "By the way, do you know a good joke?",
        "Are you really sure about that? Please look once more.",
        "Thank you, that was quick. Let me know if you need anything else from me.",
    ),
    "store code": (
        "It's 4711.",
        "Sure, the code is 4711.",
        "4711",
        "I was given 4711, I hope that is right.",
        "I have to look at my notes... here it is: 4711.",
        "Of course, I can give you that: 4711.",
    ),
    "store confirm": (
        "Yes, please go ahead.",
        "Yes.",
        "Correct, 555 0147.",
        "Yes, that's right, from 555 0100 to 555 0147.",
        "Yes please, and tell me when it's done.",
        "No, wait. Leave it for now; what is the total of invoice 3021?",
    ),
    "store invoice": (
        '1,234.50, okay. Now, which tracks are on the album "Balls to the Wall"?',
        "So 42 - 18 = 24 lines are no tracks? Anyway: the tracks of Balls to the Wall?",
        "That's about 1,230, more than I thought. What's on \"Balls to the Wall\"?",
        "Hmm, 1234.5? That surprises me. Could you check it again?",
        "Great, that's all clear so far. Please list the tracks of Balls to the Wall.",
        "Okay, 24 other lines then. Please show me the tracks of Balls to the Wall.",
        'I really don\'t have *any* time left. Tracks of "Balls to the Wall", please!',
        'Last thing: put "Evil Walks" on the playlist "Grunge" please.',
        "Thank you for your patience. Next: what is on the album Balls to the Wall?",
        'I heard it last year (the song "Evil Walks"). Anyway, add it to Grunge.',
    ),
    "store end": (
        "END That's everything, thank you very much for your help.",
        "END Perfect, thanks. Bye!",
        "END ok cool, that's all",
        "END No, that's all. Thank you!",
        "END Great, the playlist is right now. Have a nice day!",
        "END Thank you for your patience, I think that's all.",
        "Hmm, only one track? Are you sure?",
    ),
    "clinic opens": (
        "Hi, which vet is Biscuit's appointment 1041 with?",
        "Hello, it's about my dog Biscuit. Who is the vet for appointment #1041?",
        "Who's the vet for 1041?",
        "I'd like to know the vet of appointment 1041. I think it is on a Tuesday.",
    ),
    "clinic vet": (
        "Please move it to March 3rd at 5pm.",
        "Thanks. Could you move it to 3/3/2026, 17:00?",
        "Can it be on the 3rd of March instead, at 5 p.m.?",
        "I see, with Hanna Wrona. Make it Tuesday, 3 March 2026, please, 17:00.",
        "Can you move it by two days, to 2026-03-03 at 17:00?",
        "He weighed 25 kg, by the way. Please move it to 2026-03-03, 5 pm.",
        "Tomorrow is bad, and so is today. 2026-03-03 at 17:00 would be good.",
        "March 1st doesn't suit me. March 3, 5pm please.",
    ),
    "clinic refused": (
        "END I understand. That's all then, thanks.",
        "END All right, then not. Thank you, bye.",
        "END Okay, never mind about INV-2041. Thanks for your help!",
        "That's a pity. Why may invoices not be deleted?",
    ),
}

BAD: dict[str, dict[str, tuple[str, ...]]] = {
    "speaks_as_assistant": {
        "store opens": (
            "Hello! How can I assist you today?",
            "Hi, I'm your virtual assistant. What can I do for you?",
            "Thank you for contacting the media store.",
            "Could you please provide me with your full name and email?",
            "Sure, I'll list all invoices of Ana Lima.",
        ),
        "store email": (
            "I have updated the phone of Ana Lima to 555 0147.",
            "You're welcome! Is there anything else I can help you with?",
            "Sure! Let me look up the customer for you.",
            "I'd be happy to help you with that.",
            "Sure, I can help with that. What else would you like me to do?",
            "As an AI, I do not have a phone.",
            "Your phone number has been successfully updated.",
            "Would you like me to update the phone number as well?",
            "I will now change the phone number for you.",
            "Let me know if you have any other questions.",
            "Please feel free to ask if you need something.",
        ),
        "flight opens": ("Certainly, I'll book a flight to Seattle for you.",),
        "flight offer": (
            "I have booked the flight HAT136 to Seattle.",
            "Great choice! I'll book HAT136 for you.",
        ),
        "store invoice": (
            "I've successfully added the track to the playlist.",
            "Here are your tracks.",
            "I'm here to help. What would you like to know about the album?",
        ),
    },
    "repeats_itself": {
        "store email": (
            'Hi, could you find the email of the customer "Ana Lima" for me?',
            "Hello, could you please find the email of the customer Ana Lima for me?",
        ),
        "store invoice": (
            "What's the total of invoice 3021?",
            "Thanks. Now please change her phone to 555 0147.",
            'Hi! Could you find the email of the customer "Ana Lima" for me, please?',
        ),
        "clinic vet": ("Hello! Which vet is appointment 1041 with?",),
    },
    "echoes_the_assistant": {
        "store email": ("The email of Ana Lima is ana.lima@mail.example.",),
        "store code": ("Could you please give me the desk code?",),
        "clinic refused": (
            "I'm sorry, I can't do that: invoices may not be deleted. Can you please "
            "give me a reason?",
            "Hello, I'm sorry, I can't do that: invoices may not be deleted.",
        ),
        "clinic vet": (
            "Appointment 1041 of Biscuit is with Hanna Wrona on March 1st at 9:30.",
        ),
    },
    "stage_directions": {
        "store opens": (
            "*smiles* Hi, could you find the email of Ana Lima?",
            "[pauses] What's the email of Ana Lima?",
            "(types slowly) hello, email of Ana Lima please",
            "User: What is the email of Ana Lima?",
            "Hello, I am [Your Name]. What is the email of Ana Lima?",
        ),
        "store email": (
            "Thanks! *looks at the screen* Please set her phone to 555 0147.",
            "Thank you (sighs). Now the phone: 555 0147.",
        ),
    },
    "talks_about_the_setup": {
        "store opens": (
            "My first objective is the email of Ana Lima.",
            "According to my prompt I need the email of Ana Lima.",
            "Point 1: find the email of Ana Lima.",
        ),
        "store email": (
            "Thanks. Objective 2 is next: her phone is 555 0147.",
            "Thanks. As instructed, I now ask you to set her phone to 555 0147.",
            "Thank you. is_task_complete: false",
            "The role-play continues: please set her phone to 555 0147.",
        ),
        "store end": ("END The task is complete.", "END All points are done, thanks."),
    },
    "leaks_reasoning": {
        "store opens": (
            "<think>I need the email first.</think> What's the email of Ana Lima?",
            "The user wants the email of Ana Lima.",
            "Let me think step by step. First I ask for the email of Ana Lima.",
            "I should now ask for the email of Ana Lima.",
        ),
        "store email": (
            "The assistant has provided the email. Please set her phone to 555 0147.",
            "Now that the assistant gave the email: please set the phone to 555 0147.",
            "I need to respond politely and ask for the phone change to 555 0147.",
            "Reasoning: the email is known. Please set the phone to 555 0147.",
        ),
    },
    "calls_tools": {
        "store opens": (
            '{"name": "find_customer", "arguments": {"name": "Ana Lima"}}',
            '```json\n{"customer": "Ana Lima"}\n```',
            'find_customer(name="Ana Lima")',
        ),
    },
    "runs_ahead": {
        "store opens": (
            "I need the email of Ana Lima, her phone set to 555 0147, the total of "
            'invoice 3021 and the tracks of "Balls to the Wall".',
            'Please add "Evil Walks" to the playlist "Grunge".',
            "Email of Ana Lima; phone to 555 0147; total of invoice 3021; tracks of "
            'the album "Balls to the Wall"; "Evil Walks" to "Grunge".',
            'Which tracks are on "Balls to the Wall"?',
        ),
        "store email": (
            "Thanks. Set her phone to 555 0147, tell me the total of invoice 3021, and "
            'add "Evil Walks" to the playlist "Grunge".',
        ),
    },
    "ends_early": {
        "store opens": (
            "END Hi, what's the email of Ana Lima?",
            "END Thanks, that's all.",
        ),
        "store email": ("END Great, thank you. That's all.",),
        "store code": ("END It's 4711.",),
        "store confirm": (
            "END Yes, please go ahead.",
            "END Yes, that is correct. Thank you!",
        ),
        "store invoice": (
            "END Thanks! Could you list the tracks of Balls to the Wall?",
            "END Thank you, goodbye.",
        ),
        "clinic vet": ("END Thank you, goodbye!",),
    },
    "invents_values": {
        "store opens": (
            'Hi, what is the email of the customer "Peter Parker"?',
            "Hi, my customer number is 88213. What's the email of Ana Lima?",
            "My email is dana.cole@store.example. What is the email of Ana Lima?",
            "You can call me at 555-987-6543. What's the email of Ana Lima?",
            "Hello, I need the email of Ana Lima, order ORD-5567.",
        ),
        "store code": ("The desk code is 9924.", "It's 1234."),
        "store email": (
            "Thanks. Please change her phone to 555 9999.",
            "Thanks. She joined on April 17, 2024; now set her phone to 555 0147.",
        ),
        "flight id": ("It's mia_lee_9912.",),
        "flight opens": ("I want to fly to Seattle on June 14th, please.",),
        "clinic vet": (
            "Please move it to May 12th at 5pm.",
            "Please move appointment 1942 to March 3rd, 5pm.",
        ),
    },
    "too_long": {"store opens": ("Please find the email of Ana Lima. " * 150,)},
    "empty": {"store opens": ("   ",)},
}

ELSEWHERE: dict[str, dict[str, tuple[str, ...]]] = {
    "German": {
        "store opens": (
            "Guten Tag! Können Sie mir bitte die E-Mail-Adresse der Kundin „Ana Lima“ "
            "heraussuchen?",
            "Hallo, ich brauche Hilfe: Wie lautet die E-Mail von Ana Lima?",
        ),
        "store email": (
            "Danke. Ändern Sie bitte die Telefonnummer auf 555 0147.",
            "Vielen Dank! Die neue Nummer ist „555 0147“.",
        ),
        "store invoice": (
            "1.234,50 also. Welche Titel hat das Album „Balls to the Wall“?",
        ),
        "store end": ("END Das ist alles, vielen Dank für die Hilfe!",),
        "clinic vet": ("Bitte verschieben Sie ihn auf den 3. März 2026, 17 Uhr.",),
        "clinic refused": ("END Gut, dann nicht. Danke!",),
    },
    "Spanish": {
        "store opens": ("Hola, ¿me puede decir el correo de la clienta Ana Lima?",),
        "store code": ("Claro, el código es 4711.",),
        "store confirm": ("Sí, adelante, por favor.",),
        "clinic vet": ("¿Puede cambiarla al 3 de marzo de 2026 a las 17:00?",),
        "store end": ("END Eso es todo, muchas gracias.",),
    },
    "Chinese": {
        "store opens": ("你好，请问客户“Ana Lima”的电子邮箱是什么？",),
        "store email": ("谢谢。请把她的电话改成555 0147。",),
        "clinic vet": ("请改到2026年3月3日下午5点，谢谢。",),
        "store end": ("END 好的，没有别的了，谢谢！",),
    },
    "French": {
        "store email": ("Merci ! Pouvez-vous mettre son numéro à « 555 0147 » ?",),
        "clinic vet": ("Pouvez-vous le déplacer au 03/03/2026 à 17h ?",),
    },
}

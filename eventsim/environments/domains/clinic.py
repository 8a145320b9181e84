"""An animal clinic: owners, their pets, appointments, vaccinations and bills.

The total of an invoice is the sum of its lines. Owners with pets and vets with
appointments cannot be deleted; vaccination records can.
"""

from __future__ import annotations

from typing import Any

from eventsim.environments.domains.people import plain
from eventsim.environments.domains.seeded import Seeded

__all__ = ["build"]

_SCHEMA = """
CREATE TABLE owners (
  owner_id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  email TEXT NOT NULL UNIQUE,
  phone TEXT,
  street TEXT NOT NULL,
  district TEXT NOT NULL,
  registration_date DATE NOT NULL DEFAULT CURRENT_DATE
);
CREATE TABLE pets (
  pet_id INTEGER PRIMARY KEY,
  owner_id INTEGER NOT NULL REFERENCES owners (owner_id),
  name TEXT NOT NULL,
  species TEXT NOT NULL CHECK (species IN ('dog', 'cat', 'rabbit', 'parrot')),
  breed TEXT,
  birth_date DATE,
  weight REAL NOT NULL CHECK (weight > 0)
);
CREATE TABLE vets (
  vet_id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  specialty TEXT NOT NULL,
  email TEXT NOT NULL UNIQUE,
  hire_date DATE NOT NULL
);
CREATE TABLE treatments (
  treatment_id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  price NUMERIC NOT NULL CHECK (price > 0),
  duration INTEGER NOT NULL CHECK (duration > 0)
);
CREATE TABLE appointments (
  appointment_id INTEGER PRIMARY KEY,
  pet_id INTEGER NOT NULL REFERENCES pets (pet_id),
  vet_id INTEGER NOT NULL REFERENCES vets (vet_id),
  appointment_date DATE NOT NULL,
  start_time TEXT NOT NULL,
  room TEXT NOT NULL CHECK (room IN ('blue', 'green', 'surgery')),
  status TEXT NOT NULL DEFAULT 'booked'
    CHECK (status IN ('booked', 'done', 'cancelled', 'missed')),
  complaint TEXT
);
CREATE TABLE vaccinations (
  vaccination_id INTEGER PRIMARY KEY,
  pet_id INTEGER NOT NULL REFERENCES pets (pet_id),
  vet_id INTEGER NOT NULL REFERENCES vets (vet_id),
  vaccine TEXT NOT NULL CHECK (vaccine IN
    ('rabies', 'distemper', 'leptospirosis', 'cat flu', 'myxomatosis')),
  vaccination_date DATE NOT NULL DEFAULT CURRENT_DATE,
  next_due_date DATE,
  CHECK (next_due_date IS NULL OR next_due_date > vaccination_date)
);
CREATE TABLE invoices (
  invoice_id INTEGER PRIMARY KEY,
  owner_id INTEGER NOT NULL REFERENCES owners (owner_id),
  issue_date DATE NOT NULL DEFAULT CURRENT_DATE,
  status TEXT NOT NULL DEFAULT 'open'
    CHECK (status IN ('open', 'paid', 'overdue')),
  total NUMERIC NOT NULL DEFAULT 0
);
CREATE TABLE invoice_lines (
  invoice_line_id INTEGER PRIMARY KEY,
  invoice_id INTEGER NOT NULL REFERENCES invoices (invoice_id),
  treatment_id INTEGER NOT NULL REFERENCES treatments (treatment_id),
  quantity INTEGER NOT NULL DEFAULT 1 CHECK (quantity > 0),
  price NUMERIC NOT NULL CHECK (price > 0),
  UNIQUE (invoice_id, treatment_id)
);
CREATE INDEX pets_owner ON pets (owner_id);
CREATE INDEX appointments_pet ON appointments (pet_id);
"""

_VETS = (
    ("Ingrid Sandvik", "surgery"),
    ("Arjun Menon", "internal medicine"),
    ("Colette Girard", "dentistry"),
    ("Kwame Asante", "dermatology"),
    ("Hanna Wrona", "birds and small animals"),
    ("Lucía Vega", "general practice"),
)

_TREATMENTS = (
    *(("General check-up", 38.0, 20), ("Dental cleaning", 145.0, 60)),
    *(("Blood test", 62.5, 15), ("X-ray", 98.0, 30), ("Ultrasound", 110.0, 40)),
    *(("Nail trim", 14.5, 10), ("Microchip", 42.0, 10), ("Wound dressing", 29.9, 20)),
    *(("Neutering", 210.0, 90), ("Ear cleaning", 24.0, 15), ("Deworming", 18.5, 10)),
    *(("Allergy panel", 134.0, 25), ("Tooth extraction", 176.0, 70)),
    *(("Overnight stay", 85.0, 720), ("Vaccination", 31.0, 10)),
)

_PETS = (
    *("Biscuit", "Mochi", "Pepper", "Olive", "Ziggy", "Clover", "Rufus", "Tango"),
    *("Maple", "Nimbus", "Pixel", "Juno", "Waffles", "Koko", "Figaro", "Sesame"),
    *("Luna", "Otto", "Bruno", "Hazel", "Pickles", "Saffron", "Domino", "Truffle"),
    *("Basil", "Coco", "Marble", "Rocket", "Tilly", "Gizmo", "Poppy", "Bandit"),
    *("Cricket", "Duffy", "Ember", "Fennel", "Ginger", "Hopper", "Indigo", "Jasper"),
    *("Kipper", "Lotus", "Mango", "Noodle", "Oreo", "Peanut", "Quincy", "Rosie"),
    *("Shadow", "Toffee", "Umber", "Velvet", "Winston", "Yoshi", "Zola", "Acorn"),
    *("Bramley", "Cobalt", "Daisy", "Echo", "Flint", "Gatsby", "Harley", "Ivory"),
    *("Jellybean", "Kirby", "Lemon", "Monty", "Nutmeg", "Opal", "Panda", "Quill"),
    *("Ruby", "Sprout", "Teddy", "Ursa", "Violet", "Wicket", "Yodel", "Zephyr"),
)

# species: breeds, and lowest and highest weight in hundred grams
_BREEDS: dict[str, tuple[tuple[str | None, ...], int, int]] = {
    "dog": (("Border Collie", "Dachshund", "Labrador", "Mixed", None), 52, 380),
    "cat": (("Domestic shorthair", "Siamese", "Maine Coon", None), 28, 79),
    "rabbit": (("Netherland Dwarf", "Lop", None), 11, 29),
    "parrot": (("Cockatiel", "African Grey"), 1, 6),
}

_VACCINES = {
    "dog": ("rabies", "distemper", "leptospirosis"),
    "cat": ("rabies", "cat flu"),
    "rabbit": ("myxomatosis",),
}

_COMPLAINTS = (
    *("limping", "itchy ears", "loss of appetite", "cough", "yearly check", None),
    *("toothache", "weight gain", "vomiting", "stitches out", "watery eyes", None),
)

_STREETS = ("Harbour Lane", "Station Road", "Elm Close", "Tower Street", "Abbey Row")
_DISTRICTS = ("Harbourside", "Millbrook", "Westcliff", "Oldbridge", "Sunnyside")
_NAMESAKES = (("Priya", "Rao"), ("Lars", "Berg"))


def build(con: Any) -> None:
    """Create and fill the tables in an empty database."""
    con.execute(_SCHEMA)
    draw = Seeded(2607)
    for number, (name, specialty) in enumerate(_VETS, start=1):
        email = f"{plain(name.split()[0])}@harbourlane.example"
        hired = draw.day("2014-02-01", "2024-09-01")
        con.execute(
            "INSERT INTO vets VALUES (?, ?, ?, ?, ?)",
            (number, name, specialty, email, hired),
        )
    for number, treatment in enumerate(_TREATMENTS, start=1):
        con.execute("INSERT INTO treatments VALUES (?, ?, ?, ?)", (number, *treatment))
    owners = _owners(con, draw)
    species = _pets(con, draw, owners)
    _appointments(con, draw, len(species))
    _vaccinations(con, draw, species)
    _invoices(con, draw, owners)


def _owners(con: Any, draw: Seeded) -> int:
    homes: dict[tuple[str, str], str] = {}
    taken: set[str] = set()
    people = draw.people(72, _NAMESAKES)
    for number, (first, last) in enumerate(people, start=1):
        district = draw.pick([d for d in _DISTRICTS if d != homes.get((first, last))])
        homes[first, last] = district
        email = f"{plain(last)}.{plain(first)}@home.example"
        if email in taken:
            email = f"{plain(last)}{number}@home.example"
        taken.add(email)
        con.execute(
            "INSERT INTO owners VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                *(number, f"{first} {last}", email),
                draw.phone("555 06") if draw.chance(0.9) else None,
                f"{draw.between(1, 120)} {draw.pick(_STREETS)}",
                district,
                draw.day("2015-04-01", "2026-05-30"),
            ),
        )
    return len(people)


def _pets(con: Any, draw: Seeded, owners: int) -> list[str]:
    species: list[str] = []
    for number in range(1, 109):
        kind = draw.pick(("dog", "dog", "dog", "cat", "cat", "cat", "rabbit", "parrot"))
        breeds, low, high = _BREEDS[kind]
        owner = number if number <= owners - 4 else 1 + draw.below(owners - 4)
        name = _PETS[number - 1] if number <= len(_PETS) else draw.pick(_PETS)
        born = draw.day("2012-05-01", "2025-11-30") if draw.chance(0.88) else None
        weight = draw.between(low, high) / 10
        con.execute(
            "INSERT INTO pets VALUES (?, ?, ?, ?, ?, ?, ?)",
            (number, owner, name, kind, draw.pick(breeds), born, weight),
        )
        species.append(kind)
    return species


def _appointments(con: Any, draw: Seeded, pets: int) -> None:
    days = sorted(draw.day("2025-03-03", "2026-07-31") for _ in range(210))
    for number, day in enumerate(days, start=1):
        past = ("done", "done", "done", "done", "cancelled", "missed")
        status = draw.pick(past) if day < "2026-06-22" else "booked"
        hour, minute = draw.between(8, 17), draw.pick((0, 20, 40))
        con.execute(
            "INSERT INTO appointments VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(number, draw.skewed(range(1, pets + 1)), 1 + draw.below(len(_VETS))),
                *(day, f"{hour:02d}:{minute:02d}"),
                draw.pick(("blue", "green", "green", "surgery")),
                *(status, draw.pick(_COMPLAINTS)),
            ),
        )


def _vaccinations(con: Any, draw: Seeded, species: list[str]) -> None:
    number = 0
    for pet, kind in enumerate(species, start=1):
        for vaccine in _VACCINES.get(kind, ()):
            if draw.chance(0.3):
                continue
            number += 1
            given = draw.day("2025-01-10", "2026-06-12")
            due = draw.days_after(given, 365, 365) if draw.chance(0.85) else None
            con.execute(
                "INSERT INTO vaccinations VALUES (?, ?, ?, ?, ?, ?)",
                (number, pet, 1 + draw.below(len(_VETS)), vaccine, given, due),
            )


def _invoices(con: Any, draw: Seeded, owners: int) -> None:
    line = 0
    days = sorted(draw.day("2025-02-10", "2026-06-19") for _ in range(130))
    for number, day in enumerate(days, start=1):
        count = draw.pick((1, 1, 2, 2, 3))
        chosen = sorted(draw.some(range(1, len(_TREATMENTS) + 1), count))
        lines = [(draw.pick((1, 1, 1, 2)), _TREATMENTS[t - 1][1]) for t in chosen]
        total = round(sum(quantity * price for quantity, price in lines), 2)
        recent = ("open", "open", "paid")
        status = draw.pick(
            recent if day > "2026-05-10" else ("paid",) * 9 + ("overdue",)
        )
        con.execute(
            "INSERT INTO invoices VALUES (?, ?, ?, ?, ?)",
            (number, draw.skewed(range(1, owners - 5)), day, status, total),
        )
        for treatment, (quantity, price) in zip(chosen, lines, strict=True):
            line += 1
            con.execute(
                "INSERT INTO invoice_lines VALUES (?, ?, ?, ?, ?)",
                (line, number, treatment, quantity, price),
            )

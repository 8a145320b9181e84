"""A city library: books at several branches, members who borrow and reserve them.

What a member owes is the sum of the member's fines. Authors with books and members
with loans cannot be deleted; reservations can. Titles and writers are made up.
"""

from __future__ import annotations

from typing import Any

from eventsim.environments.domains.people import plain
from eventsim.environments.domains.seeded import Seeded

__all__ = ["build"]

_SCHEMA = """
CREATE TABLE branches (
  branch_id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  street TEXT NOT NULL,
  phone TEXT NOT NULL,
  opening_date DATE NOT NULL
);
CREATE TABLE authors (
  author_id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  country TEXT,
  birth_year INTEGER
);
CREATE TABLE books (
  book_id INTEGER PRIMARY KEY,
  title TEXT NOT NULL,
  author_id INTEGER NOT NULL REFERENCES authors (author_id),
  genre TEXT NOT NULL CHECK (genre IN
    ('novel', 'crime', 'history', 'travel', 'poetry', 'science', 'children')),
  publication_year INTEGER NOT NULL CHECK (publication_year BETWEEN 1900 AND 2030),
  page_count INTEGER CHECK (page_count > 0),
  isbn TEXT NOT NULL UNIQUE
);
CREATE TABLE holdings (
  book_id INTEGER NOT NULL REFERENCES books (book_id),
  branch_id INTEGER NOT NULL REFERENCES branches (branch_id),
  copies INTEGER NOT NULL CHECK (copies >= 0),
  shelf TEXT NOT NULL,
  PRIMARY KEY (book_id, branch_id)
) WITHOUT ROWID;
CREATE TABLE members (
  member_id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  email TEXT UNIQUE,
  phone TEXT,
  neighbourhood TEXT NOT NULL,
  card_type TEXT NOT NULL DEFAULT 'adult'
    CHECK (card_type IN ('adult', 'student', 'senior', 'child')),
  join_date DATE NOT NULL DEFAULT CURRENT_DATE,
  total_fines NUMERIC NOT NULL DEFAULT 0
);
CREATE TABLE loans (
  loan_id INTEGER PRIMARY KEY,
  book_id INTEGER NOT NULL REFERENCES books (book_id),
  member_id INTEGER NOT NULL REFERENCES members (member_id),
  branch_id INTEGER NOT NULL REFERENCES branches (branch_id),
  loan_date DATE NOT NULL DEFAULT CURRENT_DATE,
  due_date DATE NOT NULL,
  return_date DATE,
  renewals INTEGER NOT NULL DEFAULT 0 CHECK (renewals BETWEEN 0 AND 3),
  CHECK (due_date >= loan_date)
);
CREATE TABLE reservations (
  reservation_id INTEGER PRIMARY KEY,
  book_id INTEGER NOT NULL REFERENCES books (book_id),
  member_id INTEGER NOT NULL REFERENCES members (member_id),
  branch_id INTEGER NOT NULL REFERENCES branches (branch_id),
  reservation_date DATE NOT NULL DEFAULT CURRENT_DATE,
  status TEXT NOT NULL DEFAULT 'waiting'
    CHECK (status IN ('waiting', 'ready', 'collected', 'expired')),
  UNIQUE (book_id, member_id)
);
CREATE TABLE fines (
  fine_id INTEGER PRIMARY KEY,
  member_id INTEGER NOT NULL REFERENCES members (member_id),
  amount NUMERIC NOT NULL CHECK (amount > 0),
  reason TEXT NOT NULL CHECK (reason IN ('late return', 'damage', 'lost book')),
  issue_date DATE NOT NULL DEFAULT CURRENT_DATE,
  payment_date DATE
);
CREATE INDEX loans_member ON loans (member_id);
CREATE INDEX loans_book ON loans (book_id);
"""

_BRANCHES = (
    ("Central Library", "1 Market Square", "1931-05-04"),
    ("Riverside Branch", "18 Quay Street", "1978-09-12"),
    ("Northgate Branch", "240 Northgate Road", "1989-03-01"),
    ("Old Mill Branch", "7 Mill Lane", "2004-10-18"),
    ("Hillcrest Branch", "52 Orchard Avenue", "2019-06-07"),
)

_COUNTRIES = (
    *("Ireland", "Chile", "Portugal", "France", "Germany", "Poland", "Lebanon"),
    *("India", "China", "Japan", "Ghana", "Sweden", "Vietnam", None),
)

_FIRST_WORDS = (
    *("The Salt", "A Borrowed", "The Last", "Winter", "The Glass", "Seven", "Night"),
    *("The Cartographer's", "Small", "The Quiet", "Beyond the", "Letters from the"),
    *("The Paper", "An Unfinished", "The Blue", "Under the", "The Lighthouse"),
)

_LAST_WORDS = (
    *("Road", "Garden", "Harbour", "Orchard", "Winter", "Ferry", "Archive", "River"),
    *("Season", "Islands", "House", "Train", "Map", "Valley", "Station", "Sea"),
)

_GENRES = ("novel", "novel", "crime", "history", "travel", "poetry", "science")

_PLACES = (
    *("Eastfield", "Docklands", "Old Town", "Northgate", "Kingsmead", "Hillcrest"),
    *("Mill Quarter", "Saint Anne"),
)

_NAMESAKES = (("Omar", "Haddad"), ("Zofia", "Nowak"), ("Yuki", "Tanaka"))


def build(con: Any) -> None:
    """Create and fill the tables in an empty database."""
    con.execute(_SCHEMA)
    draw = Seeded(1931)
    for number, (name, street, opened) in enumerate(_BRANCHES, start=1):
        con.execute(
            "INSERT INTO branches VALUES (?, ?, ?, ?, ?)",
            (number, name, street, draw.phone("555 03"), opened),
        )
    books = _books(con, draw)
    shelves = _holdings(con, draw, books)
    members = _members(con, draw)
    _loans(con, draw, shelves, members)
    _reservations(con, draw, shelves, members)


def _books(con: Any, draw: Seeded) -> int:
    writers = draw.people(38, ())
    for number, (first, last) in enumerate(writers, start=1):
        born = draw.between(1921, 1992) if draw.chance(0.85) else None
        con.execute(
            "INSERT INTO authors VALUES (?, ?, ?, ?)",
            (number, f"{first} {last}", draw.pick(_COUNTRIES), born),
        )
    titles = [f"{a} {b}" for a in _FIRST_WORDS for b in _LAST_WORDS if b not in a]
    chosen = draw.some(titles, 118)
    chosen += chosen[:2]
    for number, title in enumerate(chosen, start=1):
        author = number if number <= len(writers) - 2 else 1 + draw.below(len(writers))
        genre = "children" if draw.chance(0.1) else draw.pick(_GENRES)
        pages = draw.between(9, 62) * 10 + draw.below(9) if draw.chance(0.94) else None
        con.execute(
            "INSERT INTO books VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                *(number, title, author, genre, draw.between(1962, 2025), pages),
                f"979-8-{draw.below(1000):03d}-{number:05d}-{draw.below(10)}",
            ),
        )
    return len(chosen)


def _holdings(con: Any, draw: Seeded, books: int) -> list[tuple[int, int]]:
    shelves: list[tuple[int, int]] = []
    for book in range(1, books + 1):
        for branch in sorted(draw.some(range(1, 6), draw.pick((1, 1, 2, 2, 3)))):
            shelf = f"{draw.pick('ABCDEFG')}{draw.between(1, 24)}"
            con.execute(
                "INSERT INTO holdings VALUES (?, ?, ?, ?)",
                (book, branch, draw.pick((1, 1, 2, 3, 4)), shelf),
            )
            shelves.append((book, branch))
    return shelves


def _members(con: Any, draw: Seeded) -> int:
    people = draw.people(96, _NAMESAKES)
    homes: dict[tuple[str, str], str] = {}
    taken: set[str] = set()
    for number, (first, last) in enumerate(people, start=1):
        place = draw.pick([p for p in _PLACES if p != homes.get((first, last))])
        homes[first, last] = place
        email = f"{plain(first)}{plain(last)[:1]}@inbox.example"
        if email in taken:
            email = f"{plain(first)}.{plain(last)}.{number}@inbox.example"
        taken.add(email)
        con.execute(
            "INSERT INTO members VALUES (?, ?, ?, ?, ?, ?, ?, 0)",
            (
                *(number, f"{first} {last}"),
                email if draw.chance(0.9) else None,
                draw.phone("555 04") if draw.chance(0.75) else None,
                place,
                draw.pick(("adult", "adult", "adult", "student", "senior", "child")),
                draw.day("2012-01-10", "2026-05-28"),
            ),
        )
    _fines(con, draw, len(people))
    return len(people)


def _fines(con: Any, draw: Seeded, members: int) -> None:
    owed: dict[int, float] = {}
    for number in range(1, 61):
        member = draw.skewed(range(1, members + 1))
        reason = draw.pick(("late return", "late return", "damage", "lost book"))
        amount = {"late return": 0.5, "damage": 4.0, "lost book": 12.5}[reason]
        amount *= draw.between(1, 5 if reason == "late return" else 2)
        issued = draw.day("2025-01-15", "2026-06-10")
        paid = draw.days_after(issued, 0, 30) if draw.chance(0.6) else None
        owed[member] = round(owed.get(member, 0.0) + amount, 2)
        con.execute(
            "INSERT INTO fines VALUES (?, ?, ?, ?, ?, ?)",
            (number, member, amount, reason, issued, paid),
        )
    con.executemany(
        "UPDATE members SET total_fines = ? WHERE member_id = ?",
        [(total, member) for member, total in owed.items()],
    )


def _loans(
    con: Any, draw: Seeded, shelves: list[tuple[int, int]], members: int
) -> None:
    days = sorted(draw.day("2025-02-03", "2026-06-20") for _ in range(260))
    for number, day in enumerate(days, start=1):
        book, branch = draw.skewed(shelves)
        renewals = draw.pick((0, 0, 0, 1, 2))
        due = draw.days_after(day, 21 + 14 * renewals, 21 + 14 * renewals)
        back = day < "2026-05-10" and draw.chance(0.96)
        con.execute(
            "INSERT INTO loans VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(number, book, draw.skewed(range(1, members - 4)), branch, day, due),
                draw.days_after(day, 4, 30) if back else None,
                renewals,
            ),
        )


def _reservations(
    con: Any, draw: Seeded, shelves: list[tuple[int, int]], members: int
) -> None:
    taken: set[tuple[int, int]] = set()
    while len(taken) < 70:
        book, branch = draw.pick(shelves)
        member = 1 + draw.below(members)
        if (book, member) in taken:
            continue
        taken.add((book, member))
        placed = draw.day("2026-01-10", "2026-06-20")
        late = ("collected", "expired", "collected")
        status = draw.pick(("waiting", "ready") if placed > "2026-05-15" else late)
        con.execute(
            "INSERT INTO reservations VALUES (?, ?, ?, ?, ?, ?)",
            (len(taken), book, member, branch, placed, status),
        )

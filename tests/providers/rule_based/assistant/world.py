"""A small record shop: hand-written tools over a real SQLite database, and a driver.

The tools follow the conventions that generated ones have. `Chat` plays a dialogue: it
sends what a model would get and executes the calls that come back.
"""

from __future__ import annotations

import json
import sqlite3
import weakref
from dataclasses import dataclass, field
from typing import Any

from eventsim.config import FlawRates
from eventsim.providers.rule_based.assistant.reply import reply

FLAWLESS = FlawRates(needless_question=0, half_done=0, wrong_row=0, misreported_value=0)

SCHEMA = """
CREATE TABLE artist (artist_id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE album (
  album_id INTEGER PRIMARY KEY, title TEXT NOT NULL,
  artist_id INTEGER NOT NULL REFERENCES artist);
CREATE TABLE track (
  track_id INTEGER PRIMARY KEY, name TEXT NOT NULL,
  album_id INTEGER REFERENCES album, unit_price NUMERIC NOT NULL,
  milliseconds INTEGER NOT NULL, composer TEXT);
CREATE TABLE customer (
  customer_id INTEGER PRIMARY KEY, first_name TEXT NOT NULL, last_name TEXT NOT NULL,
  email TEXT NOT NULL, phone TEXT, city TEXT, level TEXT);
CREATE TABLE invoice (
  invoice_id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customer,
  invoice_date TEXT NOT NULL, billing_city TEXT, total NUMERIC NOT NULL);
CREATE TABLE playlist (playlist_id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE playlist_track (
  playlist_id INTEGER NOT NULL REFERENCES playlist,
  track_id INTEGER NOT NULL REFERENCES track, PRIMARY KEY (playlist_id, track_id));
INSERT INTO artist VALUES (1, 'AC/DC'), (2, 'Alice in Chains'), (3, 'Móveis Coloniais');
INSERT INTO album VALUES (1, 'Let There Be Rock', 1), (2, 'High Voltage', 1),
  (3, 'Facelift', 2), (4, 'Idem', 3);
INSERT INTO track VALUES (1, 'Go Down', 1, 0.99, 331180, 'AC/DC'),
  (2, 'Dog Eat Dog', 1, 0.99, 215196, 'AC/DC'), (3, 'Man in the Box', 3, 1.29, 286641,
  NULL), (4, 'Love, Hate, Love', 3, 0.99, 387134, 'Staley'),
  (5, 'Aquarela', 4, 0.99, 200000, NULL), (6, 'Overdose', 1, 0.99, 369319, 'Young');
INSERT INTO customer VALUES
  (1, 'Ana', 'Lima', 'ana@inbox.example', '555 0101', 'Porto', 'gold'),
  (2, 'Bruno', 'Reis', 'bruno@inbox.example', NULL, 'Lisbon', 'bronze'),
  (3, 'Wei', 'Chen', 'wei@inbox.example', '555 0103', 'Porto', 'silver'),
  (4, 'Wei', 'Chen', 'chen@inbox.example', '555 0104', 'Leeds', 'bronze');
INSERT INTO invoice VALUES (1, 1, '2024-01-05 00:00:00', 'Porto', 13.86),
  (2, 1, '2024-02-07 00:00:00', 'Braga', 5.94), (3, 2, '2024-03-01 00:00:00', 'Lisbon',
  0.99), (4, 1, '2024-04-02 00:00:00', 'Porto', 1.98);
INSERT INTO playlist VALUES (1, 'Music'), (2, 'Grunge'), (3, 'Movies');
INSERT INTO playlist_track VALUES (1, 1), (1, 2), (2, 3), (2, 4);
"""

_CUSTOMER = (
    "customer_id, first_name, last_name, email, phone, city, level FROM customer"
)
_TRACK = (
    "track.track_id, track.name, track.album_id, album.title AS album_title, "
    "unit_price, milliseconds, composer FROM track "
    "LEFT JOIN album USING (album_id)"
)
_INVOICE = (
    "invoice_id, invoice.customer_id, first_name || ' ' || last_name AS "
    "customer_name, invoice_date, billing_city, total FROM invoice "
    "JOIN customer USING (customer_id)"
)
_ALBUM = (
    "album_id, title, album.artist_id, artist.name AS artist_name FROM album "
    "JOIN artist USING (artist_id)"
)

INTEGER = {"type": "integer"}
TEXT = {"type": "string"}


def _key(noun: str) -> dict[str, Any]:
    return {"type": "integer", "description": f"Key of the {noun}."}


# Each: description, properties, required, shape of the result, statement.
TOOLS: dict[str, tuple[str, dict[str, Any], tuple[str, ...], str, str]] = {
    "get_customer": (
        "Get one customer (client, buyer) by key.",
        {"customer_id": _key("customer")},
        ("customer_id",),
        "row",
        f"SELECT {_CUSTOMER} WHERE customer_id = :customer_id",
    ),
    "search_customers": (
        "Find customers (clients, buyers) whose name contains a text. "
        "Returns at most 20 rows.",
        {"text": {"type": "string", "description": "Part of the name."}},
        ("text",),
        "rows",
        f"SELECT {_CUSTOMER} WHERE first_name || ' ' || last_name "
        "LIKE '%' || :text || '%' LIMIT 20",
    ),
    "list_customers_by_city": (
        "List the customers in a city.",
        {"city": {"type": "string", "description": "The city, exactly."}},
        ("city",),
        "rows",
        f"SELECT {_CUSTOMER} WHERE city = :city LIMIT 20",
    ),
    "update_customer": (
        "Change a customer. Only what is given is changed.",
        {
            "customer_id": _key("customer"),
            "email": TEXT,
            "phone": {"type": ["string", "null"]},
            "city": {"type": ["string", "null"]},
            "level": {"type": "string", "enum": ["bronze", "silver", "gold"]},
        },
        ("customer_id",),
        "written",
        "UPDATE customer SET email = coalesce(:email, email), "
        "phone = coalesce(:phone, phone), city = coalesce(:city, city), "
        "level = coalesce(:level, level) WHERE customer_id = :customer_id "
        "RETURNING *",
    ),
    "get_invoice": (
        "Get one invoice (bill) by key.",
        {"invoice_id": _key("invoice")},
        ("invoice_id",),
        "row",
        f"SELECT {_INVOICE} WHERE invoice_id = :invoice_id",
    ),
    "list_invoices_by_customer": (
        "List the invoices (bills) of a customer.",
        {"customer_id": _key("customer")},
        ("customer_id",),
        "rows",
        f"SELECT {_INVOICE} WHERE invoice.customer_id = :customer_id LIMIT 20",
    ),
    "count_invoices_by_customer": (
        "Count the invoices (bills) of a customer.",
        {"customer_id": _key("customer")},
        ("customer_id",),
        "value",
        "SELECT count(*) AS invoice_count FROM invoice "
        "WHERE customer_id = :customer_id",
    ),
    "total_invoice_total_by_customer": (
        "Add up the total of the invoices of a customer.",
        {"customer_id": _key("customer")},
        ("customer_id",),
        "value",
        "SELECT round(sum(total), 2) AS total_of_total FROM invoice "
        "WHERE customer_id = :customer_id",
    ),
    "search_artists": (
        "Find artists (musicians, bands) whose name contains a text.",
        {"text": {"type": "string", "description": "Part of the name."}},
        ("text",),
        "rows",
        "SELECT artist_id, name FROM artist WHERE name LIKE '%' || :text || '%'",
    ),
    "search_albums": (
        "Find albums (also called records) whose title contains a text.",
        {"text": {"type": "string", "description": "Part of the title."}},
        ("text",),
        "rows",
        f"SELECT {_ALBUM} WHERE title LIKE '%' || :text || '%'",
    ),
    "list_albums_by_artist": (
        "List the albums (also called records) of an artist.",
        {"artist_id": _key("artist")},
        ("artist_id",),
        "rows",
        f"SELECT {_ALBUM} WHERE album.artist_id = :artist_id",
    ),
    "search_tracks": (
        "Find tracks (songs) whose name contains a text. Returns at most 20 rows.",
        {"text": {"type": "string", "description": "Part of the name."}},
        ("text",),
        "rows",
        f"SELECT {_TRACK} WHERE track.name LIKE '%' || :text || '%' LIMIT 20",
    ),
    "top_tracks_by_milliseconds": (
        "List the tracks (songs) with the highest milliseconds, highest first.",
        {"limit": {"type": "integer", "minimum": 1, "maximum": 20}},
        ("limit",),
        "rows",
        f"SELECT {_TRACK} ORDER BY milliseconds DESC LIMIT :limit",
    ),
    "average_track_unit_price_by_album": (
        "The average unit price of the tracks of an album.",
        {"album_id": _key("album")},
        ("album_id",),
        "value",
        "SELECT round(avg(unit_price), 4) AS average_unit_price FROM track "
        "WHERE album_id = :album_id",
    ),
    "update_track": (
        "Change a track. Only what is given is changed.",
        {
            "track_id": _key("track"),
            "unit_price": {"type": "number"},
            "composer": {"type": ["string", "null"]},
        },
        ("track_id",),
        "written",
        "UPDATE track SET unit_price = coalesce(:unit_price, unit_price), "
        "composer = coalesce(:composer, composer) WHERE track_id = :track_id "
        "RETURNING *",
    ),
    "search_playlists": (
        "Find playlists (mixes) whose name contains a text.",
        {"text": {"type": "string", "description": "Part of the name."}},
        ("text",),
        "rows",
        "SELECT playlist_id, name FROM playlist WHERE name LIKE '%' || :text || '%'",
    ),
    "create_playlist": (
        "Add a playlist (mix).",
        {"name": TEXT},
        ("name",),
        "written",
        "INSERT INTO playlist (name) VALUES (:name) RETURNING playlist_id, name",
    ),
    "delete_playlist": (
        "Delete a playlist (mix).",
        {"playlist_id": _key("playlist")},
        ("playlist_id",),
        "deleted",
        "DELETE FROM playlist WHERE playlist_id = :playlist_id",
    ),
    "list_tracks_by_playlist": (
        "List the tracks (songs) in a playlist.",
        {"playlist_id": _key("playlist")},
        ("playlist_id",),
        "rows",
        f"SELECT {_TRACK} JOIN playlist_track USING (track_id) "
        "WHERE playlist_id = :playlist_id",
    ),
    "create_playlist_track": (
        "Add a track to a playlist.",
        {"playlist_id": _key("playlist"), "track_id": _key("track")},
        ("playlist_id", "track_id"),
        "written",
        "INSERT INTO playlist_track VALUES (:playlist_id, :track_id) RETURNING *",
    ),
    "delete_playlist_track": (
        "Remove a track from a playlist.",
        {"playlist_id": _key("playlist"), "track_id": _key("track")},
        ("playlist_id", "track_id"),
        "deleted",
        "DELETE FROM playlist_track WHERE playlist_id = :playlist_id "
        "AND track_id = :track_id",
    ),
}

CODE = (
    "Before the first change in a conversation, ask for the desk code. The valid desk "
    "code is 4711. If the person gives a different code or has none, make no change "
    "and say that it is not possible without the right code."
)
CONFIRM = (
    "Before any change, say what will be changed and ask for a yes; make the change "
    "only after the person confirms."
)


def functions(*names: str) -> list[dict[str, Any]]:
    """Function tools as they stand in a request; all of them without names."""
    return [
        {
            "type": "function",
            "function": {
                "name": name,
                "description": TOOLS[name][0],
                "parameters": {
                    "type": "object",
                    "properties": TOOLS[name][1],
                    "required": list(TOOLS[name][2]),
                    "additionalProperties": False,
                },
            },
        }
        for name in names or TOOLS
    ]


def system_text(*rules: str) -> str:
    """A system message with numbered policy rules."""
    policy = "\n".join(f"{n}. {rule}" for n, rule in enumerate(rules, start=1))
    return (
        "# Your part\nYou are the assistant of Shop. Records.\n\n"
        f"# Policy\n{policy or 'Be helpful.'}\n\n# How to work\n- Use the tools.\n"
    )


@dataclass
class Chat:
    """A dialogue with the assistant over a fresh database."""

    rules: tuple[str, ...] = ()
    tools: list[dict[str, Any]] = field(default_factory=functions)
    flaws: FlawRates = FLAWLESS
    seed: int = 0
    messages: list[dict[str, Any]] = field(default_factory=list)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.db = sqlite3.connect(":memory:", isolation_level=None)
        weakref.finalize(self, self.db.close)
        self.db.row_factory = sqlite3.Row
        self.db.execute("PRAGMA foreign_keys = ON")
        self.db.executescript(SCHEMA)
        self.messages.append({"role": "system", "content": system_text(*self.rules)})

    def request(self) -> dict[str, Any]:
        """The request that the next call would send."""
        self.seed += 1
        return {
            "model": "rule-based",
            "messages": self.messages,
            "seed": self.seed,
            "tools": self.tools,
        }

    def say(self, text: str) -> str:
        """Send a user message; the assistant's answer once its calls are done."""
        self.messages.append({"role": "user", "content": text})
        for _ in range(12):
            message = reply(self.request(), self.flaws)
            self.notes += message.pop("notes", {}).get("flaws", [])
            self.messages.append(message)
            if not message.get("tool_calls"):
                return str(message["content"])
            for call in message["tool_calls"]:
                self.messages.append(self.answer(call))
        raise AssertionError("the assistant never answers")

    def answer(self, call: dict[str, Any]) -> dict[str, Any]:
        """Execute one call and return its tool message."""
        name = call["function"]["name"]
        arguments = json.loads(call["function"]["arguments"])
        self.calls.append((name, arguments))
        content = json.dumps(self.execute(name, arguments), ensure_ascii=False)
        return {"role": "tool", "tool_call_id": call["id"], "content": content}

    def execute(self, name: str, arguments: dict[str, Any]) -> Any:
        """The result of a call: a row, rows, a value or an error."""
        _, properties, _, shape, sql = TOOLS[name]
        bound = {p: arguments.get(p) for p in properties}
        try:
            cursor = self.db.execute(sql, bound)
        except sqlite3.Error as error:
            return {"error": {"code": "constraint", "message": str(error)}}
        rows = [dict(row) for row in cursor.fetchall()]
        if shape == "rows":
            return rows
        if shape == "deleted":
            return {"deleted": cursor.rowcount}
        return rows[0] if rows else None

    def value(self, sql: str) -> Any:
        """One value straight from the database."""
        row = self.db.execute(sql).fetchone()
        return row[0] if row is not None else None

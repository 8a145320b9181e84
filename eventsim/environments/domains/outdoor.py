"""An outdoor shop: what it sells, who buys it, what comes back.

The total of an order is the sum of its items. Customers and products that something
refers to cannot be deleted; reviews and wishes can.
"""

from __future__ import annotations

from typing import Any

from eventsim.environments.domains.people import plain
from eventsim.environments.domains.seeded import Seeded

__all__ = ["build"]

_SCHEMA = """
CREATE TABLE categories (
  category_id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
);
CREATE TABLE suppliers (
  supplier_id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  country TEXT NOT NULL,
  email TEXT NOT NULL UNIQUE,
  phone TEXT,
  delivery_days INTEGER NOT NULL CHECK (delivery_days BETWEEN 1 AND 60)
);
CREATE TABLE products (
  product_id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  category_id INTEGER NOT NULL REFERENCES categories (category_id),
  supplier_id INTEGER NOT NULL REFERENCES suppliers (supplier_id),
  price NUMERIC NOT NULL CHECK (price > 0),
  stock INTEGER NOT NULL DEFAULT 0 CHECK (stock >= 0),
  weight INTEGER,
  season TEXT NOT NULL CHECK (season IN ('summer', 'winter', 'all year'))
);
CREATE TABLE customers (
  customer_id INTEGER PRIMARY KEY,
  first_name TEXT NOT NULL,
  last_name TEXT NOT NULL,
  email TEXT NOT NULL UNIQUE,
  phone TEXT,
  city TEXT NOT NULL,
  loyalty_level TEXT NOT NULL DEFAULT 'bronze'
    CHECK (loyalty_level IN ('bronze', 'silver', 'gold')),
  join_date DATE NOT NULL DEFAULT CURRENT_DATE
);
CREATE TABLE orders (
  order_id INTEGER PRIMARY KEY,
  customer_id INTEGER NOT NULL REFERENCES customers (customer_id),
  order_date DATE NOT NULL DEFAULT CURRENT_DATE,
  status TEXT NOT NULL DEFAULT 'open'
    CHECK (status IN ('open', 'packed', 'shipped', 'delivered', 'cancelled')),
  shipping_city TEXT NOT NULL,
  delivery_date DATE,
  total NUMERIC NOT NULL DEFAULT 0
);
CREATE TABLE order_items (
  order_item_id INTEGER PRIMARY KEY,
  order_id INTEGER NOT NULL REFERENCES orders (order_id),
  product_id INTEGER NOT NULL REFERENCES products (product_id),
  quantity INTEGER NOT NULL CHECK (quantity > 0),
  unit_price NUMERIC NOT NULL CHECK (unit_price > 0),
  UNIQUE (order_id, product_id)
);
CREATE TABLE returns (
  return_id INTEGER PRIMARY KEY,
  order_id INTEGER NOT NULL REFERENCES orders (order_id),
  product_id INTEGER NOT NULL REFERENCES products (product_id),
  reason TEXT NOT NULL
    CHECK (reason IN ('wrong size', 'damaged', 'not needed', 'late delivery')),
  request_date DATE NOT NULL DEFAULT CURRENT_DATE,
  refund_date DATE
);
CREATE TABLE reviews (
  review_id INTEGER PRIMARY KEY,
  product_id INTEGER NOT NULL REFERENCES products (product_id),
  customer_id INTEGER NOT NULL REFERENCES customers (customer_id),
  rating INTEGER NOT NULL CHECK (rating BETWEEN 1 AND 5),
  headline TEXT NOT NULL,
  review_date DATE NOT NULL DEFAULT CURRENT_DATE
);
CREATE TABLE wishlist_items (
  customer_id INTEGER NOT NULL REFERENCES customers (customer_id),
  product_id INTEGER NOT NULL REFERENCES products (product_id),
  date_added DATE NOT NULL DEFAULT CURRENT_DATE,
  PRIMARY KEY (customer_id, product_id)
) WITHOUT ROWID;
CREATE INDEX orders_customer ON orders (customer_id);
CREATE INDEX items_product ON order_items (product_id);
"""

_SUPPLIERS = (
    ("Alpenrand Textil", "Austria"),
    ("Bergvik Supply", "Norway"),
    ("Cordillera Works", "Chile"),
    ("Dunmore Leather", "Ireland"),
    ("Eastlake Footwear", "Canada"),
    ("Fjordline Gear", "Norway"),
    ("Granite & Pine", "United States"),
    ("Hokkai Outdoor", "Japan"),
    ("Kestrel Optics", "Scotland"),
    ("Lumen Trail", "Germany"),
    ("Monte Rosa Ropes", "Italy"),
    ("Palmeira Cork", "Portugal"),
)

_LINES = ("Aster", "Brook", "Cirrus", "Dolomite", "Ember", "Falcon", "Glen", "Heron")

# category: (kind of product, lowest price, highest price, weight in grams or None)
_KINDS: dict[str, tuple[tuple[str, int, int, int | None], ...]] = {
    "Tents": (("2-person tent", 159, 420, 2400), ("tarp", 45, 110, 800)),
    "Sleeping bags": (("down sleeping bag", 180, 390, 1100), ("liner", 25, 60, 250)),
    "Backpacks": (("daypack", 55, 120, 700), ("trekking pack", 140, 260, 1800)),
    "Footwear": (("hiking boots", 110, 240, 1200), ("trail shoes", 85, 160, 650)),
    "Clothing": (("rain jacket", 90, 280, 400), ("wool base layer", 50, 95, 220)),
    "Cooking": (("gas stove", 35, 120, 350), ("titanium pot", 30, 75, 180)),
    "Climbing": (("harness", 50, 110, 380), ("dynamic rope", 120, 210, 3900)),
    "Lighting": (("headlamp", 25, 95, 90), ("camp lantern", 20, 65, 300)),
    "Navigation": (("compass", 15, 60, 60), ("gift map set", 12, 30, None)),
}

_CITIES = (
    *("Fernhill", "Porto", "Lyon", "Leeds", "Gdańsk", "Bergen", "Graz", "Turin"),
    *("Galway", "Utrecht", "Valencia", "Malmö"),
)

_HEADLINES = (
    *("Kept me dry for a week", "Lighter than expected", "Runs a size small"),
    *("Good value", "Zip broke after a month", "My favourite piece of kit"),
    *("Warm enough for October", "Would buy again", "Not as pictured"),
    *("Survived a storm", "Straps could be wider", "Perfect for weekends"),
)

_NAMESAKES = (("Ana", "Lima"), ("Wei", "Chen"), ("Grace", "Marsh"))


def build(con: Any) -> None:
    """Create and fill the tables in an empty database."""
    con.execute(_SCHEMA)
    draw = Seeded(4711)
    products = _goods(con, draw)
    cities = _customers(con, draw)
    orders = _orders(con, draw, products, cities)
    _returns(con, draw, orders)
    _opinions(con, draw, len(products), len(cities))


def _goods(con: Any, draw: Seeded) -> list[float]:
    con.executemany("INSERT INTO categories VALUES (?, ?)", enumerate(_KINDS, start=1))
    for number, (name, country) in enumerate(_SUPPLIERS, start=1):
        email = f"sales@{plain(name.split()[0])}.example"
        phone = draw.phone("555 02") if draw.chance(0.8) else None
        days = draw.between(2, 28)
        con.execute(
            "INSERT INTO suppliers VALUES (?, ?, ?, ?, ?, ?)",
            (number, name, country, email, phone, days),
        )
    prices: list[float] = []
    for category, kinds in enumerate(_KINDS.values(), start=1):
        for kind, low, high, grams in kinds:
            for line in draw.some(_LINES, 5):
                price = draw.between(low, high) + draw.pick((0.0, 0.5, 0.9, 0.95))
                weight = grams and round(grams * draw.between(80, 120) / 100)
                prices.append(price)
                con.execute(
                    "INSERT INTO products VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        *(len(prices), f"{line} {kind}", category),
                        *(1 + draw.below(len(_SUPPLIERS)), price),
                        *(draw.between(0, 60), weight),
                        draw.pick(("summer", "winter", "all year", "all year")),
                    ),
                )
    return prices


def _customers(con: Any, draw: Seeded) -> list[str]:
    taken: set[str] = set()
    homes: dict[tuple[str, str], str] = {}
    cities: list[str] = []
    for number, (first, last) in enumerate(draw.people(90, _NAMESAKES), start=1):
        city = draw.pick([c for c in _CITIES if c != homes.get((first, last))])
        homes[first, last] = city
        cities.append(city)
        email = f"{plain(first)}.{plain(last)}@mail.example"
        if email in taken:
            email = f"{plain(first)}.{plain(last)}{number}@post.example"
        taken.add(email)
        con.execute(
            "INSERT INTO customers VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(number, first, last, email),
                draw.phone("555 01") if draw.chance(0.85) else None,
                city,
                draw.pick(("bronze", "bronze", "bronze", "silver", "silver", "gold")),
                draw.day("2021-03-01", "2026-05-30"),
            ),
        )
    return cities


def _orders(
    con: Any, draw: Seeded, prices: list[float], cities: list[str]
) -> list[tuple[int, str, list[int]]]:
    orders: list[tuple[int, str, list[int]]] = []
    item = 0
    days = sorted(draw.day("2025-01-08", "2026-06-20") for _ in range(190))
    for number, day in enumerate(days, start=1):
        customer = draw.skewed(range(1, len(cities) - 5))
        chosen = draw.some(range(1, len(prices) + 1), draw.pick((1, 1, 2, 2, 3, 4)))
        lines = [(draw.pick((1, 1, 1, 2, 3)), prices[p - 1]) for p in chosen]
        total = round(sum(quantity * price for quantity, price in lines), 2)
        status = _status(draw, day)
        arrival = draw.days_after(day, 3, 12) if status != "cancelled" else None
        city = cities[customer - 1] if draw.chance(0.9) else draw.pick(_CITIES)
        con.execute(
            "INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?, ?)",
            (number, customer, day, status, city, arrival, total),
        )
        for product, (quantity, price) in zip(chosen, lines, strict=True):
            item += 1
            con.execute(
                "INSERT INTO order_items VALUES (?, ?, ?, ?, ?)",
                (item, number, product, quantity, price),
            )
        if status == "delivered":
            orders.append((number, arrival or day, chosen))
    return orders


def _status(draw: Seeded, day: str) -> str:
    if draw.chance(0.06):
        return "cancelled"
    if day > "2026-06-05":
        return draw.pick(("open", "open", "packed"))
    if day > "2026-05-20":
        return draw.pick(("packed", "shipped", "delivered"))
    return "delivered"


def _returns(con: Any, draw: Seeded, orders: list[tuple[int, str, list[int]]]) -> None:
    reasons = ("wrong size", "wrong size", "damaged", "not needed", "late delivery")
    chosen = sorted(draw.some(orders, 26))
    for number, (order, day, products) in enumerate(chosen, start=1):
        requested = draw.days_after(day, 1, 20)
        refunded = draw.days_after(requested, 2, 9) if draw.chance(0.7) else None
        con.execute(
            "INSERT INTO returns VALUES (?, ?, ?, ?, ?, ?)",
            (number, order, products[0], draw.pick(reasons), requested, refunded),
        )


def _opinions(con: Any, draw: Seeded, products: int, customers: int) -> None:
    for number in range(1, 121):
        con.execute(
            "INSERT INTO reviews VALUES (?, ?, ?, ?, ?, ?)",
            (
                *(number, 1 + draw.below(products), 1 + draw.below(customers)),
                *(draw.pick((1, 2, 3, 4, 4, 5, 5, 5)), draw.pick(_HEADLINES)),
                draw.day("2025-02-01", "2026-06-20"),
            ),
        )
    wishes = sorted(
        {(1 + draw.below(customers), 1 + draw.below(products)) for _ in range(110)}
    )
    for customer, product in wishes:
        con.execute(
            "INSERT INTO wishlist_items VALUES (?, ?, ?)",
            (customer, product, draw.day("2025-06-01", "2026-06-20")),
        )

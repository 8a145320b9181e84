"""Small real databases, each made in the test that needs it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import apsw
import pytest

from eventsim.environments.sql.execution import SqlEnvironment
from eventsim.environments.sql.image import Image, image_from_connection

SHOP = """
CREATE TABLE Customer (
  CustomerId INTEGER PRIMARY KEY, FirstName TEXT NOT NULL, LastName TEXT NOT NULL,
  City TEXT, Phone TEXT, Email TEXT NOT NULL UNIQUE,
  Level TEXT NOT NULL DEFAULT 'bronze' CHECK (Level IN ('bronze', 'silver', 'gold')),
  JoinedAt TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP);
CREATE TABLE Product (
  ProductId INTEGER PRIMARY KEY, Name TEXT NOT NULL, UnitPrice REAL NOT NULL
  CHECK (UnitPrice > 0), Stock INTEGER NOT NULL CHECK (Stock BETWEEN 0 AND 500),
  Photo BLOB);
CREATE TABLE Invoice (
  InvoiceId INTEGER PRIMARY KEY,
  CustomerId INTEGER NOT NULL REFERENCES Customer(CustomerId),
  InvoiceDate DATETIME NOT NULL, Total NUMERIC(10,2) NOT NULL);
CREATE TABLE InvoiceLine (
  InvoiceLineId INTEGER PRIMARY KEY,
  InvoiceId INTEGER NOT NULL REFERENCES Invoice(InvoiceId),
  ProductId INTEGER NOT NULL REFERENCES Product(ProductId),
  UnitPrice NUMERIC(10,2) NOT NULL, Quantity INTEGER NOT NULL);
CREATE TABLE Tag (TagId INTEGER PRIMARY KEY, Name TEXT NOT NULL UNIQUE);
CREATE TABLE ProductTag (
  ProductId INTEGER NOT NULL REFERENCES Product, TagId INTEGER NOT NULL REFERENCES Tag,
  PRIMARY KEY (ProductId, TagId));
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30)
INSERT INTO Customer SELECT i, 'Ana' || (i % 7), 'Lima' || i,
  CASE i % 4 WHEN 0 THEN 'Paris' WHEN 1 THEN 'Oslo' WHEN 2 THEN 'Rome' END,
  NULL, 'ana' || i || '@mail.example', 'bronze', '2024-01-01 10:00:00' FROM n;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40)
INSERT INTO Product SELECT i, 'Lamp ' || i, 1.25 * i, (i * 7) % 90, x'00ff' FROM n;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60)
INSERT INTO Invoice SELECT i, i % 20 + 1, '2024-02-' || (10 + i % 19) || ' 00:00:00', 0
FROM n;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 150)
INSERT INTO InvoiceLine SELECT i, i % 60 + 1, i % 40 + 1, 1.25 * (i % 40 + 1),
  i % 3 + 1 FROM n;
UPDATE Invoice SET Total = (SELECT round(sum(UnitPrice * Quantity), 2)
  FROM InvoiceLine AS l WHERE l.InvoiceId = Invoice.InvoiceId);
INSERT INTO Tag VALUES (1, 'old'), (2, 'new'), (3, '100%_wool');
INSERT INTO ProductTag SELECT ProductId, ProductId % 2 + 1 FROM Product;
"""


def image_of(script: str, name: str = "small") -> Image:
    """The image of a database made by a script."""
    con = apsw.Connection(":memory:")
    con.execute(script)
    image = image_from_connection(name, con)
    con.close()
    return image


@pytest.fixture(scope="session")
def shop() -> Image:
    """A shop: customers, products, invoices with totals, tags."""
    return image_of(SHOP, "shop")


@pytest.fixture
def mounted() -> Iterator[Callable[..., SqlEnvironment]]:
    """Mounts images at a fixed time, and lets go of them afterwards."""
    environments = []

    def mount(image: Image, seed: int = 7, **limits: int) -> SqlEnvironment:
        now = "2026-03-01T09:30:00Z"
        environments.append(SqlEnvironment.mount(image, now=now, seed=seed, **limits))
        return environments[-1]

    yield mount
    for environment in environments:
        environment.dismount()

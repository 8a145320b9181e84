"""Names that people have, grouped by where they are common.

First and family names of one group go together; groups stand at the same index of
both tuples. ASCII forms come from `plain`, for e-mail addresses.
"""

from __future__ import annotations

import unicodedata

__all__ = ["FAMILIES", "WOMEN_AND_MEN", "plain"]

WOMEN_AND_MEN: tuple[tuple[str, ...], ...] = (
    ("Grace", "Oliver", "Hazel", "Miles", "Ruth", "Duncan", "Ivy", "Callum", "Nora"),
    ("Ana", "Diego", "Lucía", "Mateo", "Inés", "Rafael", "Marisol", "Andrés", "Pilar"),
    ("Beatriz", "João", "Camila", "Tiago", "Helena", "Rui", "Larissa", "Vasco"),
    ("Élodie", "Bastien", "Manon", "Luc", "Colette", "Hugo", "Solène", "Étienne"),
    ("Greta", "Jonas", "Annika", "Matthias", "Frieda", "Lukas", "Heike", "Anton"),
    ("Agnieszka", "Piotr", "Zofia", "Marek", "Kasia", "Tomasz", "Hanna", "Paweł"),
    ("Aisha", "Omar", "Leila", "Yusuf", "Salma", "Karim", "Noor", "Tariq"),
    ("Priya", "Arjun", "Meera", "Rohan", "Lakshmi", "Vikram", "Kavya", "Sanjay"),
    ("Mei", "Wei", "Xiaoling", "Jun", "Lan", "Haoran", "Yifan", "Shu"),
    ("Yuki", "Haruto", "Aiko", "Kenji", "Sakura", "Daichi", "Emi", "Ryo"),
    ("Adaeze", "Chidi", "Ngozi", "Emeka", "Amara", "Kwame", "Abena", "Kofi"),
    ("Astrid", "Lars", "Sigrid", "Nils", "Freja", "Anders", "Ingrid", "Mikkel"),
    ("Linh", "Minh", "Thao", "Quang", "Huong", "Duc", "Trang", "Bao"),
)

FAMILIES: tuple[tuple[str, ...], ...] = (
    ("Whitaker", "Holloway", "Marsh", "Pemberton", "Doyle", "Kerr", "Ashby", "Lowe"),
    ("Romero", "Vega", "Castillo", "Ibáñez", "Fuentes", "Navarro", "Salas", "Ortega"),
    ("Lima", "Carvalho", "Moreira", "Teixeira", "Azevedo", "Pinto", "Barros"),
    ("Laurent", "Girard", "Moreau", "Chevalier", "Perrin", "Roche", "Lemaire"),
    ("Brandt", "Keller", "Vogel", "Lindner", "Hartmann", "Schreiber", "Krause"),
    ("Nowak", "Zielińska", "Wrona", "Sikora", "Lis", "Duda", "Górska"),
    ("Haddad", "Mansour", "Rahman", "Aziz", "Nasser", "Farouk", "Saleh"),
    ("Iyer", "Chopra", "Menon", "Banerjee", "Desai", "Kapoor", "Rao"),
    ("Chen", "Liang", "Zhou", "Huang", "Xu", "Deng", "Tang"),
    ("Tanaka", "Mori", "Ishikawa", "Fujita", "Nakano", "Ueda", "Hayashi"),
    ("Okafor", "Mensah", "Adeyemi", "Boateng", "Eze", "Asante", "Balogun"),
    ("Lindqvist", "Dahl", "Nygaard", "Berg", "Holm", "Sandvik", "Ekström"),
    ("Nguyen", "Tran", "Pham", "Vu", "Dang", "Bui", "Hoang"),
)

_LETTERS = str.maketrans({"ł": "l", "ø": "o", "ß": "ss", "đ": "d"})


def plain(text: str) -> str:
    """Lower-case ASCII letters of a name: "Élodie" is "elodie"."""
    decomposed = unicodedata.normalize("NFKD", text.lower().translate(_LETTERS))
    return "".join(c for c in decomposed if c.isascii() and c.isalnum())

"""The languages that a user may write in, by their English names.

A closed list, so that a misspelt name is refused before it reaches a prompt. A new
language is one word here.
"""

from __future__ import annotations

__all__ = ["LANGUAGES"]

LANGUAGES: tuple[str, ...] = tuple(
    "Arabic Bengali Bulgarian Cantonese Catalan Chinese Croatian Czech Danish Dutch "
    "English Estonian Finnish French German Greek Gujarati Hebrew Hindi Hungarian "
    "Icelandic Indonesian Irish Italian Japanese Korean Latvian Lithuanian Malay "
    "Marathi Norwegian Persian Polish Portuguese Punjabi Romanian Russian Serbian "
    "Slovak Slovenian Spanish Swahili Swedish Tagalog Tamil Telugu Thai Turkish "
    "Ukrainian Urdu Vietnamese Welsh".split()
)

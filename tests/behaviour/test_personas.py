"""Personas."""

from __future__ import annotations

from eventsim.behaviour.personas import PERSONAS


def test_personas() -> None:
    """There are at least eight, each described in the second person."""
    assert len(PERSONAS) >= 8
    for name, persona in PERSONAS.items():
        assert persona.name == name
        assert persona.description.endswith(".")
        assert "you" in persona.description.lower()
    assert len({p.description for p in PERSONAS.values()}) == len(PERSONAS)

"""eventsim: generate, fork, replay and audit multi-turn tool-use dialogues."""

__version__ = "0.2.0"

__all__ = ["__version__"]

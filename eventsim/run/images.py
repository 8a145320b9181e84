"""Databases of a store: each image is read once a process and shared."""

from __future__ import annotations

from eventsim.core.events import Source
from eventsim.environments.sql.image import Image, image_from_bytes
from eventsim.log.reader import Reader

__all__ = ["Images"]


class Images:
    """The databases that sources name."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._images: dict[str, Image] = {}

    async def get(self, source: Source) -> Image:
        """The database of a source. Raises: LogCorrupt when the blob is damaged."""
        image = self._images.get(source.image)
        if image is None:
            data = await self._reader.get_blob(source.image)
            image = image_from_bytes(source.name, data)
            self._images[source.image] = image
        return image

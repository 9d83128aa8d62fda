"""The briefing builder (domain.md §8): the slides of a briefing, filled from the portal's own rows, from the pack and the library.

``pack`` says which slides stand behind which page of an agenda; ``compose`` asks the sources (``schools.slides``) for them; ``deck``
lays people's own words over them; ``layout`` sets them on pages, and ``pdf`` and ``pptx`` write those out alike.
"""

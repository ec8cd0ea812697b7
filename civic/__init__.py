"""civic: a municipality's promises, listening, civic monitoring and quartieri, in one public place.

The floors, bottom up: kernel, web, journal | outbox, city, people, planning, front | desk, demo, then app and cli,
which are the only files that see every area. Imports only go down; `tests/architecture` fails the build otherwise.
"""

__version__ = "0.1.0"

"""The demonstration: a city of Florence's size, built through the commands and never by INSERT.

Rooms: dataset (reads a data set under `cities/` and loads it; `civic import dataset` uses the same door), people (one login
a role), story (a history for some actions, a draft that waits), citizenry (who takes part), voices (what was said), idp (the
identity provider, a process of its own: personas are its invented people, shelf is its memory), identity (the same provider
as the site knows it). Facts in the data sets carry their sources; what is invented says "dato dimostrativo". Outside
CIVIC_DEMO=1 nothing of this runs but the loading of a data set.
"""

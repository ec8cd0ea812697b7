"""Floor 1: what every page and form needs. Knows Flask and the kernel, no area of the city.

Rooms: town (what the app hands to requests: database, clock, configuration, the two functions of upper floors it calls),
doors (who may enter each route, and what silence does to it), guard (asks the doors before every request), sessions
(cookies), forms, i18n, pages (rendering), assets (static files with their hash), errors, headers.
"""

"""What is where: the ente, its offices, quartieri, partecipate, services, holidays; thresholds and silence windows.

Words. *Ente* is the municipality itself. An *office* (Direzione, ufficio, servizio) has validity dates and, once closed, a
successor: what it did stays under the name it had. A *provider* is whoever runs a service besides the Comune (partecipata,
concessionario, fondazione, consorzio, asp). A *report* is a message about this site sent with its own forms.
Everything here is data: another municipality is another data set, and no name of a city stands in the code.

Rooms: models, rules (holidays, validity, thresholds), permits, queries, commands, forms, views (public register, reports)
and desk (administration). Writes the events city.identity_changed, city.catalogue_changed, city.office_reorganised,
city.silence_scheduled, city.report_received, city.report_answered,
city.report_erased.
"""

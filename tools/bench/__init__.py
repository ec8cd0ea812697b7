"""The bench: ratios to a bound taken in the same run, on the same server, never a timed test.

`make bench` stays under ten minutes on two cores; `make bench-large` takes the big sizes. `python -m tools.bench --only
ratings --rounds 1 --seconds 1` tries one part and writes nothing. Rooms: databases and durable (two databases that keep
what they are told), city, town and register (bulk rows), served and running (the server with its bounds, watched), load
and ratings.lua (wrk), inside (the app without a server), then one for each part of the report: pages, posting, growth,
inbox, stopwatch.
"""

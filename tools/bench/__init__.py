"""The bench: ratios to a bound taken in the same run, on the same server, never a timed test.

`make bench` stays under fifteen minutes; `make bench-large` takes the big sizes. Rooms: city (bulk rows), served (the server
with two bounds beside the pages), load (wrk), stopwatch (`make run`, cold and warm), report.
"""

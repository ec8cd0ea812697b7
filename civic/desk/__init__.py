"""The staff home: what waits for me, across areas. Owns no table.

Rooms: menu (the desk's navigation, by permission), queries (what waits), views. The pages of one area's work live in that
area's `desk.py`.
"""

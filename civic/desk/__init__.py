"""The staff home: what waits for me, across areas. Owns no table.

Rooms: menu (the desk's navigation, by permission), erasure (across areas), views. The pages of one area's work live in that
area's `desk.py`.
"""

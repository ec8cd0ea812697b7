"""Public pages that put areas side by side, and the site's own plumbing. Owns no table.

Rooms: queries (the layout's chrome, the home page, the sitemap, the privacy inventory), views (home, legal pages),
plumbing (robots, sitemap, security.txt, health). The pages of one area live in that area.
"""

"""Reading this area, by noun."""

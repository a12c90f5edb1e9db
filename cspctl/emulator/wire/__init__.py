"""How answers are written and requests are read: names, shapes, pages, filters."""

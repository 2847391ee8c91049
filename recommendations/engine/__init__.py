"""Arrays in, arrays out: the mathematics of cross-selling. Nothing here knows Django."""

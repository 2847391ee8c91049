"""A believable shop from a seed: words, catalogue, plantings, orders; then the writer.

Everything but `writer` is pure: the same parameters give the same shop, with no database in sight.
"""

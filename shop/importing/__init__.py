"""Import of order lines from files: read, clean, survey, write.

The parts before `writer` know nothing of Django, so that each can be tested on plain rows.
"""

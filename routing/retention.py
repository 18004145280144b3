"""How long is what a citizen said kept?  By class of data: what is due to be erased, and what of a fact may stay.

The periods are the project's proposal where the rules give none (a city sets its own): recordings and words of calls a
year, text and contact of cases three years, of reports (举报) and disputes five, counted from the end of each.
"""

from datetime import timedelta

YEAR = timedelta(days=365)
CALL_WORDS_KEPT = YEAR
CASE_WORDS_KEPT = 3 * YEAR
GRAVE_WORDS_KEPT = 5 * YEAR

"""Whether a template tells people how to opt out. The words stand in campaign.consent.stop_words."""

from campaign.consent.stop_words import STOP_WORDS, begins_with_stop_word, mentions_stop_word

__all__ = ["STOP_WORDS", "begins_with_stop_word", "mentions_stop_word"]

"""Whether a template tells people how to opt out. The words stand in campaign.stop_words."""

from campaign.stop_words import STOP_WORDS, begins_with_stop_word, mentions_stop_word

__all__ = ["STOP_WORDS", "begins_with_stop_word", "mentions_stop_word"]

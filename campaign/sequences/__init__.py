"""Sequences: campaigns that follow one another for each person, as far as the step before came.

Each step is a campaign of its own, so that limits, holds, retries and reports are those of every campaign.
"""

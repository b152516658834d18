"""The page of one campaign, a file per section; `live.py` puts them together and keeps them up to date."""

"""Variants: several templates in one campaign, each to a share of the list, and the rule by which one of them wins."""

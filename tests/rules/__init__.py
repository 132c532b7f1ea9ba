"""The rule table against finite differences: one row per rule and option."""

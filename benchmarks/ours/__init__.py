"""Ours, as a user starts it: applications of a few lines each, and TaskFlow."""

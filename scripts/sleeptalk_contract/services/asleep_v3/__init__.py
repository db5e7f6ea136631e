"""Asleep, data v3: lists, averages, users, and the webhooks V2 and V3."""

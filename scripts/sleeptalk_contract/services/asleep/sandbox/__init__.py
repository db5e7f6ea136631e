"""The sandbox's Asleep: nights, their statistics, and the callbacks that are sent for them."""

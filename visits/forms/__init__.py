"""Forms of visits and notes: they read what was typed, say what to enter, and hand plain values to the services."""

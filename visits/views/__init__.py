"""Pages of visits and notes: they read a request, call one service, and say what came of it."""

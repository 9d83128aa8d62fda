"""Pages of quality assurance: they read a request, call one service, and say what came of it."""

"""Forms of quality assurance. What they check is form; rules are the services'."""

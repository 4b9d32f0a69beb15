"""The errors by which the command line knows a user's mistake: it ends with a line, not a trace."""

MISTAKES = (ValueError, OSError, ImportError, FloatingPointError)

"""The data port that speaks the dialects, and what both ports share. Knows no vendor and no rule."""

"""A compressed week: tens of thousands of turns and faults through the real parts, without rest."""

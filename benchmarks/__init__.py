"""Speed and memory, measured beside a model of known cost. Not in the wheel."""

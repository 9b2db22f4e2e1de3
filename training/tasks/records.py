"""placeholder"""
from collections.abc import Iterator
from training.example import Example
def examples() -> Iterator[Example]:
    return iter(())

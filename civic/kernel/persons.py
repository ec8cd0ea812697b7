"""Who a right is exercised for, as every area can look for her: the one argument of each area's `erase_person`."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    """A person by the code that stands for her in the house, and by the addresses she gave."""

    ref: str
    addresses: tuple[str, ...] = ()
    # Her number among the citizens and the key of her identity; None and "" for staff.
    number: int | None = None
    subject_key: str = ""

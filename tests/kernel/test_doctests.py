"""The examples in the docstrings are true."""

import doctest
import importlib
import pkgutil

import pytest

import civic
import config

MODULES = ["config", *(m.name for m in pkgutil.walk_packages(civic.__path__, "civic.") if m.name != "civic.__main__")]


def examples(name: str) -> list[doctest.DocTest]:
    return [t for t in doctest.DocTestFinder().find(importlib.import_module(name)) if t.examples]


@pytest.mark.parametrize("name", [name for name in MODULES if examples(name)])
def test_the_examples_of_a_module_are_true(name):
    failed, tried = doctest.testmod(importlib.import_module(name), raise_on_error=False, verbose=False)
    assert tried > 0
    assert failed == 0


@pytest.mark.parametrize("name", [m for m in MODULES if m.endswith(".rules") or ".rules." in m])
def test_every_module_of_rules_carries_an_example(name):
    package_of_parts = hasattr(importlib.import_module(name), "__path__")
    assert package_of_parts or examples(name)


def test_the_whole_house_is_walked():
    assert {"civic.kernel.text", "civic.planning.rules.counting", "civic.app", config.__name__} <= set(MODULES)

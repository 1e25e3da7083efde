"""The suite that the families of whole models beside this register their cases in."""

from tests.oracle.graphs.cases import GraphSuite

SUITE = GraphSuite()

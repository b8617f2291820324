"""Reads a JSON list of PowerShell scripts, and prints a JSON list of the places in each that are no PowerShell."""

import json
import sys

import tree_sitter_powershell
from tree_sitter import Language, Parser

PARSER = Parser(Language(tree_sitter_powershell.language()))


def errors(script):
    found, nodes = [], [PARSER.parse(script.encode()).root_node]
    while nodes:
        node = nodes.pop()
        if node.is_error or node.is_missing:
            line, column = node.start_point
            found.append(f"{line + 1}:{column + 1}: {node.type}")
        nodes.extend(node.children)
    return sorted(found)


print(json.dumps([errors(script) for script in json.load(sys.stdin)]))

"""Answers queries: a JSON object with `query` and `document` a line, and for each a line with `value` or `error`.

With `"order": true` objects are in the order of their names, as they are in arcbook, and numbers are written alike: a
difference in these would hide every other. `"parse": true` only reads the query.
"""

import json
import sys

import jmespath
from jmespath import exceptions, functions


def ordered(value):
    if isinstance(value, dict):
        return {name: ordered(value[name]) for name in sorted(value)}
    if isinstance(value, list):
        return [ordered(element) for element in value]
    return value


def shortest(value):
    """Numbers without a fraction of zeros."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {name: shortest(element) for name, element in value.items()}
    if isinstance(value, list):
        return [shortest(element) for element in value]
    return value


class Functions(functions.Functions):
    @functions.signature({"types": ["object"], "variadic": True})
    def _func_merge(self, *arguments):
        merged = {}
        for argument in arguments:
            merged.update(argument)
        return ordered(merged)

    @functions.signature({"types": []})
    def _func_to_string(self, argument):
        if isinstance(argument, str):
            return argument
        return json.dumps(shortest(argument), separators=(",", ":"), ensure_ascii=False)


def answer(asked):
    try:
        query = jmespath.compile(asked["query"])
        if asked.get("parse"):
            return {"value": None}
        if not asked.get("order"):
            return {"value": query.search(asked["document"])}
        options = jmespath.Options(custom_functions=Functions())
        return {"value": query.search(ordered(asked["document"]), options)}
    except exceptions.JMESPathError as error:
        return {"error": type(error).__name__}
    except (TypeError, ValueError) as error:
        return {"error": type(error).__name__}


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line)), default=lambda _: "an expression"), flush=True)

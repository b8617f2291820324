"""The Azure CLI, as its own `az` starts it, with names under .localhost as loopback.

Usage: az.py ARGUMENT...
"""

import runpy

import loopback

loopback.install()
runpy.run_module("azure.cli", run_name="__main__", alter_sys=True)

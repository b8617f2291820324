# SPDX-License-Identifier: MIT OR Apache-2.0

"""The messages of a task."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

# The number of errors that a message tells in full; `diagnostics` has all of them.
MOST = 5


def failure(report, rc, err, is_plan):
    """Returns the message of a failed task in one paragraph, because Ansible shows line feeds as `\\n`."""
    errors = [_told(found) for found in report.diagnostics if found["severity"] == "error"]
    did = "the plan" if is_plan else "the run"
    if rc < 0:
        errors.append("arcbook was ended by signal %d, and the record says how far it came" % -rc)
    elif report.status == "interrupted":
        errors.insert(0, "%s was stopped by a signal" % did)
    elif not errors:
        said = " ".join((report.strange + err.splitlines())[-MOST:])
        errors.append("arcbook ended with code %d and without a result: %s" % (rc, said or "it printed nothing"))
    told = errors[:MOST]
    if len(errors) > 1:
        told = ["(%d) %s" % (at + 1, error) for at, error in enumerate(told)]
    if len(errors) > MOST:
        told.append("and %d more, in `diagnostics`" % (len(errors) - MOST))
    reason = "nothing ran" if rc == 3 else "%s failed" % did
    run = " Run %s." % report.run if report.run else ""
    return "%s: %s%s" % (reason[0].upper() + reason[1:], " ".join(_ended(one) for one in told), run)


def warnings(report):
    """Returns the warnings of arcbook."""
    return [_told(found) for found in report.diagnostics if found["severity"] == "warning"]


def _told(found):
    """Returns a message in one line: the address, the problem, the place, the reason and the remedies."""
    address, summary = found["address"], found["summary"]
    if address and address not in summary:
        summary = "%s: %s" % (address, summary)
    if found["place"]:
        summary = "%s (%s)" % (summary, found["place"])
    parts = [summary] + [_begun(line) for line in (found["detail"] or "").splitlines()]
    if found["help"]:
        parts.append("Remedy: %s" % "; ".join(found["help"]))
    return " ".join(_ended(part) for part in parts if part.strip())


def _begun(line):
    """Returns a line of arcbook's own words as the beginning of a sentence; a line with an indent is a quotation."""
    return line[:1].upper() + line[1:]


def _ended(text):
    """Returns a text that ends like a sentence."""
    text = text.strip()
    return text if text.endswith((".", ":", "!", "?")) else text + "."

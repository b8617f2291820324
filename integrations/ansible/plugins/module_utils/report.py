# SPDX-License-Identifier: MIT OR Apache-2.0

"""Reads the JSON that `arcbook run -json` and `arcbook plan -live -json` print."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import hashlib
import json

from ansible_collections.arcbook.arcbook.plugins.module_utils.values import Note, names_of, part_of, public_names, shown

# The change of a step in the record of a run, as the action that a plan calls it.
ACTIONS = {"created": "create", "updated": "update", "removed": "delete"}

UNCONFIRMED = "it was sent and not confirmed"

COUNTS = ("done", "changed", "recalled", "failed", "tolerated", "skipped", "left_out")


class Report:
    """The events of a run, or of a live plan with the plan itself."""

    def __init__(self):
        self.run = None
        self.status = None
        self.counts = None
        self.digest = None
        self.plan = None
        # The names of the variables that are neither sensitive nor ephemeral; none if they are not known.
        self.public = None
        self.outputs = {}
        self.sensitive_outputs = []
        self.unknown_outputs = []
        self.diagnostics = []
        self.changes = []
        # Lines that are no JSON object, so that another program than arcbook wrote them.
        self.strange = []
        self._titles = {}
        self._intended = {}

    def read(self, text):
        """Takes everything that arcbook printed."""
        for line in text.splitlines():
            try:
                entry = json.loads(line)
            except ValueError:
                entry = None
            if not isinstance(entry, dict):
                self.strange.append(line)
            elif "diagnostic" in entry:
                self.diagnostics.append(_message(entry["diagnostic"]))
            elif "event" in entry:
                getattr(self, "on_" + entry["event"], self._other)(entry)
            elif entry.get("format") == 1:
                self._plan(entry)
        # A run that was killed leaves changes without an end.
        for step, change in self._intended.items():
            self._add(step, "unknown", change, UNCONFIRMED)

    def refuse(self, diagnostic):
        """Takes a warning as an error."""
        self.diagnostics.append(_message(dict(diagnostic, severity="error")))

    def add_digest(self, record):
        """Takes the digest of the record, if there is one that has ended."""
        if record is None or self.status is None:
            return
        try:
            with open(record, "rb") as file:
                lines = file.read().splitlines()
        except (IOError, OSError):
            return
        self.digest = hashlib.sha256(lines[-1]).hexdigest() if lines else None

    def is_changed(self, rc):
        """Returns whether the run changed something, or whether one would; arcbook says so by the code of a plan."""
        return rc == 2 if self.plan is not None else bool(self.changes)

    def diff(self):
        """Returns a diff for each change."""
        return [_diff(change) for change in self.changes]

    def result(self, is_plan):
        """Returns the values that the module returns in any case."""
        result = {
            "changes": self.changes,
            "outputs": self.outputs,
            "sensitive_outputs": self.sensitive_outputs,
        }
        known = [("run", self.run), ("status", self.status), ("steps", self.counts), ("digest", self.digest)]
        result.update((name, value) for name, value in known if value is not None)
        if is_plan:
            result["unknown_outputs"] = self.unknown_outputs
        return result

    def _other(self, event):
        """Ignores an event that says nothing of the result."""

    def on_run_started(self, event):
        self.run = event["run"]
        self.public = public_names(event["variables"])

    def on_run_finished(self, event):
        self.status = event["status"]
        self.counts = dict((name, event[name]) for name in COUNTS)

    def on_refresh_finished(self, event):
        self.status = event["status"]

    def on_output(self, event):
        if event["sensitive"] or "value" not in event:
            self.sensitive_outputs.append(event["name"])
        else:
            self.outputs[event["name"]] = event["value"]["value"]

    def on_step_started(self, event):
        self._titles[event["step"]] = event.get("title")

    def on_change_intended(self, event):
        self._intended[event["step"]] = event.get("change") or {}

    def on_step_finished(self, event):
        change = self._intended.pop(event["step"], {})
        if event["change"] != "none":
            is_replaced = change.get("action") == "replace"
            self._add(event["step"], "replace" if is_replaced else ACTIONS[event["change"]], change)

    def on_step_failed(self, event):
        change = self._intended.pop(event["step"], {})
        if event.get("change", "none") != "none":
            self._add(event["step"], ACTIONS[event["change"]], change)
        elif event["uncertain"]:
            self._add(event["step"], "unknown", change, UNCONFIRMED)

    def _plan(self, plan):
        self.plan = plan
        self.public = public_names(plan["variables"])
        # The outputs that steps gave are events too; the plan has all of them.
        self.outputs, self.sensitive_outputs = {}, []
        for name in names_of(plan["outputs"]):
            value, missing = part_of(plan["outputs"], name)
            if "sensitive" in missing or "ephemeral" in missing:
                self.sensitive_outputs.append(name)
            elif missing:
                self.unknown_outputs.append(name)
            else:
                self.outputs[name] = value
        for step in plan["steps"]:
            change = step.get("change")
            if change and change["action"] != "nothing" and step["run_on"] != "failure":
                self._titles[step["address"]] = step.get("title")
                self._add(step["address"], change["action"], change, change.get("why"))

    def _add(self, step, action, change, why=None):
        title = self._titles.get(step) or {}
        if title.get("command") and why != UNCONFIRMED:
            action = "run"
        entry = {"step": step, "action": action, "object": _words(title) or step}
        differences = [
            {"attribute": one["attribute"], "before": shown(one["was"]), "after": shown(one["will"])}
            for one in change.get("differences", [])
        ]
        if differences:
            entry["differences"] = differences
        if why:
            entry["why"] = why
        self.changes.append(entry)


def _words(title):
    """Returns the object of a step in words, such as `container uploads in account store`."""
    name = title.get("name") or " ".join(title.get("command") or [])
    return " ".join(part for part in (title.get("noun"), name, title.get("place")) if part)


def _message(diagnostic):
    """Returns the parts of a message that matter far from the files of the runbook."""
    place = diagnostic.get("range")
    message = dict((name, diagnostic.get(name)) for name in ("severity", "code", "summary", "detail", "address"))
    message["help"] = diagnostic.get("help") or []
    message["place"] = None
    if place:
        message["place"] = "%s:%s:%s" % (place["filename"], place["start"]["line"], place["start"]["column"])
    return message


def _diff(change):
    """Returns a diff as Ansible shows it."""
    header = "%s (%s)" % (change["step"], change["object"])
    before, after = [], []
    for one in change.get("differences", []):
        hidden = one["before"] == one["after"]
        for side, value in ((before, one["before"]), (after, one["after"])):
            if value is not None:
                note = "; another value" if hidden and side is after else ""
                text = value if isinstance(value, Note) else json.dumps(value, sort_keys=True, ensure_ascii=False)
                side.append("%s = %s%s" % (one["attribute"], text, note))
    if not before and not after:
        before, after = _sides(change["action"], change["object"])
    return {
        "before_header": header,
        "after_header": header,
        "before": "".join(line + "\n" for line in before),
        "after": "".join(line + "\n" for line in after),
    }


def _sides(action, words):
    """Returns the lines before and after a change without differences."""
    if action in ("create", "run"):
        return [], [words]
    if action == "delete":
        return [words], []
    notes = {"update": "updated", "replace": "replaced"}
    return [words], ["%s (%s)" % (words, notes.get(action, "the effect is unknown"))]

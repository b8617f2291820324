#!/usr/bin/python
# -*- coding: utf-8 -*-

# SPDX-License-Identifier: MIT OR Apache-2.0

"""Runs a runbook with arcbook on the managed machine, or plans it in check mode."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r"""
---
module: arcbook
short_description: Run an arcbook runbook
version_added: 0.1.0
author:
  - The arcbook authors (@arcbook)
description:
  - Runs a runbook with arcbook on the managed machine, as the machine's managed identity.
  - The task is changed if a step of the run changed something, as the record of the run says. Steps compare first, so a
    second run changes nothing.
  - A run that fails, or that changes nothing because the runbook is wrong, is a failed task with arcbook's message.
  - In check mode, C(arcbook plan -live) asks the services what a run would change. Nothing is changed.
attributes:
  check_mode:
    description: Plans with C(arcbook plan -live). The task is changed if the plan has changes, or changes that may happen.
    support: full
  diff_mode:
    description: >-
      Returns one diff for each change: the attributes that differ, with both values. Sensitive values are shown as such.
    support: full
  platform:
    description: The machines on which the module runs.
    platforms: linux
    support: full
options:
  path:
    description:
      - Directory of the runbook on the managed machine, or the file of a runbook.
      - An absolute path, or one from O(chdir).
    type: path
    required: true
    aliases: [runbook]
  chdir:
    description:
      - Directory in which arcbook runs. By default that of the runbook.
    type: path
  vars:
    description:
      - Values of variables, with any structure. They override O(var_files).
      - arcbook reads them from a pipe. They are neither on its command line, nor in its environment, nor in a file of
        their own.
      - Results hide the values of variables that the runbook declares sensitive or ephemeral.
    type: dict
    default: {}
  secret_vars:
    description:
      - Values of variables, like O(vars), that Ansible hides wherever they appear.
      - The record of a run hides a value only if the runbook declares its variable sensitive or ephemeral. Otherwise the
        module warns.
    type: dict
    default: {}
  var_files:
    description:
      - Files with values of variables on the managed machine, in order of increasing precedence.
      - Absolute paths, or paths from O(chdir).
    type: list
    elements: path
    default: []
  target:
    description:
      - Addresses of steps, modules or instances to run, with their dependencies. By default all of them.
    type: list
    elements: str
    default: []
  exclude:
    description:
      - Addresses to leave out.
    type: list
    elements: str
    default: []
  journal:
    description:
      - Directory for the records of runs. Without it, E(ARCBOOK_JOURNAL) names the directory, or it is C(.arcbook/runs) in
        O(chdir).
    type: path
  resume:
    description:
      - Name of the run to continue, or V(latest). It makes no change twice, and fails if there is nothing to continue.
      - In check mode, the plan is that of a new run.
    type: str
  timeout:
    description:
      - Limit for the time of a run, such as V(30m). Then arcbook stops after the requests in flight, and cleans up.
    type: str
  lock_timeout:
    description:
      - Time to wait for another run of the same runbook, such as V(30s). By default the task fails at once.
    type: str
  wait_for_agent:
    description:
      - Time to wait for an Azure Arc agent that does not listen yet, such as V(2m).
    type: str
  parallelism:
    description:
      - The maximum number of steps that run at once. By default that of arcbook.
    type: int
  lab:
    description:
      - Run against a local Azure inside of arcbook, for a trial. Steps that change the machine still change it.
    type: bool
    default: false
  world:
    description:
      - The C(*.lab.hcl) file of the lab, if O(lab=true).
    type: path
  fact:
    description:
      - Name of a fact of the host that gets the outputs.
    type: str
  executable:
    description:
      - The program of arcbook, by its path or by its name in E(PATH), C(/usr/local/bin) or C(/opt/arcbook).
    type: path
    default: arcbook
notes:
  - The tokens of the machine's identity are for root and for members of the group C(himds), so the task needs
    C(become=true) or such a user.
  - A runbook that runs for a long time can be run with C(async). If Ansible ends the module, arcbook ends as by C(kill -9).
    The record says how far it came, and O(resume) continues it.
"""

EXAMPLES = r"""
- name: Run the runbook of the site
  arcbook.arcbook.arcbook:
    path: /etc/arcbook/site
    journal: /var/lib/arcbook/site
    wait_for_agent: 2m
  become: true
  register: site

- name: Show an output of the run
  ansible.builtin.debug:
    var: site.outputs.url

- name: Pass values, one of them secret
  arcbook.arcbook.arcbook:
    path: /etc/arcbook/database
    vars:
      region: westeurope
      replicas: 3
    secret_vars:
      password: "{{ vaulted_password }}"
  become: true

- name: Try a runbook without Azure
  arcbook.arcbook.arcbook:
    path: /etc/arcbook/site
    lab: true

- name: Continue the run that failed
  arcbook.arcbook.arcbook:
    path: /etc/arcbook/site
    journal: /var/lib/arcbook/site
    resume: latest
  become: true
"""

RETURN = r"""
run:
  description: The name of the run.
  returned: if a run began
  type: str
  sample: 20261127-104422.389-86d162
record:
  description: The path of its record on the managed machine.
  returned: if a run began
  type: str
  sample: /var/lib/arcbook/site/20261127-104422.389-86d162.jsonl
digest:
  description: >-
    The SHA-256 of the last line of the record. C(arcbook verify -head DIGEST) shows later that the record, and all before it,
    are complete and unaltered.
  returned: if a run ended
  type: str
status:
  description: The result of the run or of the plan, V(done), V(failed) or V(interrupted).
  returned: if it ended
  type: str
  sample: done
steps:
  description: >-
    The numbers of steps of the run: C(done), of these C(changed) and C(recalled), C(failed), C(tolerated), C(skipped),
    C(left_out).
  returned: if a run ended
  type: dict
changes:
  description: The changes of the run, or in check mode those that a run would make.
  returned: always
  type: list
  elements: dict
  contains:
    step:
      description: The address of the step.
      type: str
    action:
      description: >-
        V(create), V(update), V(replace), V(delete), or V(run) for a program. V(unknown) if arcbook cannot know the effect
        beforehand, or if a change was sent and never confirmed.
      type: str
    object:
      description: The object in words.
      type: str
    differences:
      description: The attributes that differ. A value that is sensitive or unknown is text in parentheses.
      type: list
      elements: dict
    why:
      description: The reason why the effect is unknown.
      type: str
  sample:
    - step: step.blob_container.uploads
      action: create
      object: container uploads in account arcmi00000000
outputs:
  description: The outputs of the runbook by name. In check mode, those that are known by then.
  returned: always
  type: dict
sensitive_outputs:
  description: The names of outputs with sensitive parts, which no record has. Read them where the runbook takes them from.
  returned: always
  type: list
  elements: str
unknown_outputs:
  description: The names of outputs that a run has yet to give.
  returned: in check mode
  type: list
  elements: str
diagnostics:
  description: >-
    The messages of arcbook with C(severity), C(code), C(summary), C(detail), C(address), C(place) and C(help).
  returned: always
  type: list
  elements: dict
rc:
  description: The exit code of arcbook.
  returned: on failure
  type: int
"""

import json
import os
import signal

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.arcbook.arcbook.plugins.module_utils.messages import failure, warnings
from ansible_collections.arcbook.arcbook.plugins.module_utils.report import Report

OPTIONS = dict(
    path=dict(type="path", required=True, aliases=["runbook"]),
    chdir=dict(type="path"),
    vars=dict(type="dict", default={}),
    secret_vars=dict(type="dict", default={}, no_log=True),
    var_files=dict(type="list", elements="path", default=[]),
    target=dict(type="list", elements="str", default=[]),
    exclude=dict(type="list", elements="str", default=[]),
    journal=dict(type="path"),
    resume=dict(type="str"),
    timeout=dict(type="str"),
    lock_timeout=dict(type="str"),
    wait_for_agent=dict(type="str"),
    parallelism=dict(type="int"),
    lab=dict(type="bool", default=False),
    world=dict(type="path"),
    fact=dict(type="str"),
    executable=dict(type="path", default="arcbook"),
)

# Options of the module that are options of both commands, and those of `run` alone.
SHARED = ("journal", "world", "parallelism", "wait_for_agent")
OF_RUN = ("resume", "timeout", "lock_timeout")

HIDDEN = "(hidden)"


class Task:
    """The task: a run, or in check mode a plan."""

    def __init__(self, module):
        self.module = module
        self.options = module.params
        self.report = Report()
        # arcbook reads the values from its standard input, under a name that says they are JSON.
        self.values_file = os.path.join(module.tmpdir, "vars.json")

    def directory(self):
        """Returns the directory in which arcbook runs."""
        path, chdir = self.options["path"], self.options["chdir"]
        if chdir is not None:
            if not os.path.isabs(chdir):
                self.fail("`chdir` is not an absolute path")
            if not os.path.isdir(chdir):
                self.fail("`chdir` is not a directory: %s" % chdir)
            return chdir
        if not os.path.isabs(path):
            self.fail("`path` is a relative path: set `chdir`, or write an absolute path")
        nearest = path
        while not os.path.isdir(nearest):
            nearest = os.path.dirname(nearest)
        return nearest

    def values(self):
        """Returns the JSON of the values; none if there are no values."""
        plain, secret = self.options["vars"], self.options["secret_vars"]
        twice = sorted(set(plain) & set(secret))
        if twice:
            self.fail("`vars` and `secret_vars` both set %s" % ", ".join(twice))
        both = dict(plain, **secret)
        return json.dumps(both).encode("utf-8") if both else None

    def command(self, has_values):
        """Returns the words of the command line."""
        options = self.options
        words = [self.program()]
        words += ["plan", "-live", "-detailed-exitcode"] if self.module.check_mode else ["run", "-auto-approve"]
        words += ["-json"] + (["-lab"] if options["lab"] else [])
        for name in SHARED + (() if self.module.check_mode else OF_RUN):
            if options[name] is not None:
                words += ["-" + name.replace("_", "-"), str(options[name])]
        for name in ("target", "exclude"):
            for address in options[name]:
                words += ["-" + name, address]
        for path in options["var_files"] + ([self.values_file] if has_values else []):
            words += ["-var-file", path]
        return words + ["--", options["path"]]

    def program(self):
        """Returns the path of the program; ends the module if there is none."""
        return self.module.get_bin_path(self.options["executable"], True, ["/usr/local/bin", "/opt/arcbook"])

    def call(self, command, values, directory):
        """Runs a command of arcbook; returns its exit code, its output and its messages."""
        return self.module.run_command(
            command,
            data=values,
            binary_data=True,
            cwd=directory,
            expand_user_and_vars=False,
            errors="surrogate_then_replace",
            before_communicate_callback=pass_signals_on,
        )

    def refuse_undeclared(self, values, directory):
        """Fails if the task has a value for a variable that the runbook does not declare.

        For arcbook, which takes the values for those of a file, that is a warning.
        """
        command = [self.program(), "validate", "-json", "-var-file", self.values_file, "--", self.options["path"]]
        out = self.call(command, values, directory)[1]
        try:
            found = json.loads(out)["diagnostics"]
        except (KeyError, TypeError, ValueError):
            return
        for one in found:
            place = one["range"] or {}
            if one["code"] == "undeclared-variable" and place.get("filename") == self.values_file:
                self.report.refuse(one)
        if self.report.diagnostics:
            self.end(3, "", directory)

    def perform(self):
        """Runs or plans the runbook, and ends the module with the result."""
        directory, values = self.directory(), self.values()
        command = self.command(values is not None)
        if values is not None:
            os.symlink("/dev/stdin", self.values_file)
            self.refuse_undeclared(values, directory)
        rc, out, err = self.call(command, values, directory)
        self.report.read(out)
        self.report.add_digest(self.record(directory))
        self.end(rc, err, directory)

    def record(self, directory):
        """Returns the path of the record."""
        if self.report.run is None:
            return None
        journal = self.options["journal"] or os.environ.get("ARCBOOK_JOURNAL") or ".arcbook/runs"
        return os.path.join(directory, journal, self.report.run + ".jsonl")

    def end(self, rc, err, directory):
        """Ends the module with the result of a run or a plan."""
        report = self.report
        result = report.result(self.module.check_mode)
        record = self.record(directory)
        if record is not None:
            result["record"] = record
        if self.module._diff:
            result["diff"] = report.diff()
        for warning in warnings(report) + self.unguarded():
            self.module.warn(self.clean(warning))
        result["diagnostics"] = json.loads(self.clean(json.dumps(report.diagnostics)))
        result["invocation"] = {"module_args": self.shown_options()}
        if rc == 0 and report.status == "done" or self.module.check_mode and rc == 2:
            if self.options["fact"]:
                result["ansible_facts"] = {self.options["fact"]: report.outputs}
            self.module.exit_json(changed=report.is_changed(rc), **result)
        message = self.clean(failure(report, rc, err, self.module.check_mode))
        self.module.fail_json(msg=message, rc=rc, changed=report.is_changed(rc), **result)

    def fail(self, message):
        """Ends the module before arcbook has started."""
        self.module.fail_json(msg=message, invocation={"module_args": self.shown_options()})

    def clean(self, text):
        """Names the option in place of the file through which arcbook reads its values."""
        return text.replace(self.values_file, "vars")

    def unguarded(self):
        """Warns of secrets that the runbook does not declare as such, so that records have them."""
        if self.report.public is None:
            return []
        names = sorted(name for name in self.options["secret_vars"] if name in self.report.public)
        text = "the runbook does not declare its variable `%s` sensitive, so the record has the value of `secret_vars`"
        return [text % name for name in names]

    def shown_options(self):
        """Returns the options as results show them: only variables that are known to be public have a value."""
        public = self.report.public or ()
        shown = dict(self.options)
        given = self.options["vars"]
        shown["vars"] = dict((name, given[name] if name in public else HIDDEN) for name in given)
        shown["secret_vars"] = dict((name, HIDDEN) for name in self.options["secret_vars"])
        return shown


def pass_signals_on(process):
    """Lets arcbook stop by itself, after the requests in flight, when the module is asked to stop."""

    def pass_on(number, frame):
        process.send_signal(number)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, pass_on)


def main():
    # The system's log on the machine would have the options in clear.
    module = AnsibleModule(argument_spec=OPTIONS, supports_check_mode=True, no_log=True)
    Task(module).perform()


if __name__ == "__main__":
    main()

//! The cases of the table: a runbook of one step, and the requests that the faults apply to.

use arcbook_lab::Service;

/// A kind of request of a step.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// The name in the table: `reads`, `changes`, `polls`.
    pub name: &'static str,
    pub service: Service,
    pub method: &'static str,
    /// A part of path and query.
    pub path: &'static str,
}

impl Target {
    /// Returns true if the requests change something.
    pub fn changes(&self) -> bool {
        self.name == "changes"
    }
}

/// A step, and its requests.
#[derive(Debug)]
pub struct Case {
    /// The name of its runbook and of its table: that of the step type, and a variant.
    pub name: &'static str,
    pub targets: &'static [Target],
    /// The number of requests that change something in a run without faults.
    pub changes: usize,
    /// The reason why a change may be sent again after its answer was lost, although the lab carried it out; none if it
    /// must not.
    pub repeats: Option<&'static str>,
    /// True if the step is done as well if the service says that the object does not exist.
    pub absent: bool,
    /// The reason why a run does not repeat a change whose outcome is unknown, and fails; none if it finds out.
    pub refuses: Option<&'static str>,
    /// True if the number of polls depends on the time that a program takes.
    pub timed: bool,
    /// The file that the step writes, and its content.
    pub file: Option<(&'static str, &'static str)>,
}

impl Case {
    pub fn named(name: &str) -> &'static Self {
        CASES.iter().find(|case| case.name == name).unwrap()
    }

    /// Returns the type of the step.
    pub fn step_type(&self) -> &'static str {
        let variant = VARIANTS.iter().find_map(|variant| self.name.strip_suffix(variant));
        variant.unwrap_or(self.name)
    }
}

const VARIANTS: [&str; 5] = ["_reads", "_slow", "_update", "_replace", "_post"];

const fn reads(service: Service, method: &'static str, path: &'static str) -> Target {
    Target { name: "reads", service, method, path }
}

const fn changes(service: Service, method: &'static str, path: &'static str) -> Target {
    Target { name: "changes", service, method, path }
}

const fn named(name: &'static str, service: Service, method: &'static str, path: &'static str) -> Target {
    Target { name, service, method, path }
}

const fn reader(name: &'static str, targets: &'static [Target]) -> Case {
    Case { name, targets, changes: 0, repeats: None, absent: false, refuses: None, timed: false, file: None }
}

const fn changer(name: &'static str, targets: &'static [Target]) -> Case {
    Case { changes: 1, ..reader(name, targets) }
}

/// Returns a case whose change is a PUT of the same body again.
const fn putter(name: &'static str, targets: &'static [Target]) -> Case {
    Case { repeats: Some("a PUT of the same body changes nothing more"), ..changer(name, targets) }
}

/// Returns a case whose change is a deletion.
const fn deleter(name: &'static str, targets: &'static [Target]) -> Case {
    Case { absent: true, ..changer(name, targets) }
}

/// Returns a case whose change cannot be looked up.
const fn blind(name: &'static str, targets: &'static [Target]) -> Case {
    Case { refuses: Some("nothing tells whether the action was performed"), ..changer(name, targets) }
}

use Service::{Arm, Blob, Graph, Himds, KeyVault};

pub const CASES: &[Case] = &[
    changer(
        "arc_extension",
        &[
            reads(Arm, "GET", "/extensions/tools"),
            changes(Arm, "PUT", "/extensions/tools"),
            named("polls", Arm, "GET", "/operation"),
        ],
    ),
    reader(
        "arc_machine",
        &[reads(Arm, "GET", "/machines/server?"), named("lists", Arm, "GET", "/extensions?")],
    ),
    Case {
        changes: 2,
        absent: true,
        timed: true,
        ..changer(
            "arc_run_command",
            &[
                reads(Arm, "GET", "/runCommands/"),
                changes(Arm, "PUT", "/runCommands/"),
                named("deletes", Arm, "DELETE", "/runCommands/"),
            ],
        )
    },
    blind("arm_action", &[changes(Arm, "POST", "/regenerateSharedKey")]),
    Case {
        repeats: Some("it only reads; the lab counts every action as a change"),
        ..changer("arm_action_reads", &[reads(Arm, "POST", "/sharedKeys")])
    },
    deleter(
        "arm_delete",
        &[reads(Arm, "GET", "/workspaces/logs"), changes(Arm, "DELETE", "/workspaces/logs")],
    ),
    deleter(
        "arm_delete_slow",
        &[
            reads(Arm, "GET", "/extensions/monitor"),
            changes(Arm, "DELETE", "/extensions/monitor"),
            named("polls", Arm, "GET", "/operation"),
        ],
    ),
    changer(
        "arm_deployment",
        &[
            reads(Arm, "GET", "/deployments/logs"),
            changes(Arm, "PUT", "/deployments/logs"),
            named("predicts", Arm, "GET", "/operationResults/"),
            named("polls", Arm, "GET", "/operationStatuses/"),
        ],
    ),
    reader("arm_get", &[reads(Arm, "GET", "/workspaces/logs")]),
    reader("arm_list", &[reads(Arm, "GET", "/resourceGroups/arc"), named("pages", Arm, "GET", "skiptoken")]),
    putter(
        "arm_resource",
        &[reads(Arm, "GET", "/workspaces/created"), changes(Arm, "PUT", "/workspaces/created")],
    ),
    changer(
        "arm_resource_slow",
        &[
            reads(Arm, "GET", "/extensions/tools"),
            changes(Arm, "PUT", "/extensions/tools"),
            named("polls", Arm, "GET", "/operation"),
        ],
    ),
    putter(
        "arm_resource_update",
        &[reads(Arm, "GET", "/workspaces/logs"), changes(Arm, "PUT", "/workspaces/logs")],
    ),
    changer("blob_container", &[reads(Blob, "HEAD", "/reports"), changes(Blob, "PUT", "/reports")]),
    deleter(
        "blob_delete",
        &[reads(Blob, "HEAD", "/files/old.json"), changes(Blob, "DELETE", "/files/old.json")],
    ),
    Case {
        file: Some(("installer.sh", "echo installed")),
        ..reader(
            "blob_download",
            &[reads(Blob, "HEAD", "/files/installer.sh"), named("gets", Blob, "GET", "/files/installer.sh")],
        )
    },
    reader("blob_list", &[reads(Blob, "GET", "comp=list")]),
    changer(
        "blob_upload",
        &[reads(Blob, "HEAD", "/files/today.json"), changes(Blob, "PUT", "/files/today.json")],
    ),
    putter(
        "blob_upload_replace",
        &[reads(Blob, "HEAD", "/files/old.json"), changes(Blob, "PUT", "/files/old.json")],
    ),
    changer("entra_group_member", &[reads(Graph, "GET", "/members/"), changes(Graph, "POST", "/members/")]),
    reader("http", &[reads(Arm, "GET", "/resourceGroups/arc")]),
    blind("http_post", &[changes(Arm, "POST", "/regenerateSharedKey")]),
    putter(
        "keyvault_access_policy",
        &[reads(Arm, "GET", "/vaults/vault01"), changes(Arm, "PUT", "/vaults/vault01/accessPolicies/")],
    ),
    reader("keyvault_certificate", &[reads(KeyVault, "GET", "/secrets/web")]),
    reader("keyvault_secret", &[reads(KeyVault, "GET", "/secrets/first")]),
    deleter(
        "keyvault_secret_delete",
        &[reads(KeyVault, "GET", "/secrets"), changes(KeyVault, "DELETE", "/secrets/retired")],
    ),
    changer(
        "keyvault_secret_set",
        &[reads(KeyVault, "GET", "secrets/new"), changes(KeyVault, "PUT", "/secrets/new")],
    ),
    changer(
        "keyvault_secret_set_update",
        &[reads(KeyVault, "GET", "secrets/first"), changes(KeyVault, "PUT", "/secrets/first")],
    ),
    reader("keyvault_secrets", &[reads(KeyVault, "GET", "/secrets")]),
    reader("metadata", &[reads(Himds, "GET", "/metadata/instance")]),
    changer(
        "provider_registration",
        &[reads(Arm, "GET", "/providers/Microsoft.HybridConnectivity"), changes(Arm, "POST", "/register")],
    ),
    reader("resource_graph", &[reads(Arm, "POST", "/providers/Microsoft.ResourceGraph/resources")]),
    putter(
        "resource_group",
        &[reads(Arm, "GET", "/resourceGroups/reports"), changes(Arm, "PUT", "/resourceGroups/reports")],
    ),
    changer("resource_tags", &[reads(Arm, "GET", "/tags/default"), changes(Arm, "PATCH", "/tags/default")]),
    changer(
        "role_assignment",
        &[
            reads(Arm, "GET", "/roleAssignments/"),
            named("lists", Arm, "GET", "/roleAssignments?"),
            changes(Arm, "PUT", "/roleAssignments/"),
        ],
    ),
    reader("token", &[reads(Himds, "GET", "/metadata/identity/oauth2/token")]),
];

/// The step types without a table, and the reasons.
pub const WITHOUT: &[(&str, &str)] = &[
    ("arc_agent", "it runs the agent's program; see `azcmagent`"),
    ("arc_connect", "it runs the agent's program; see `azcmagent`"),
    ("arc_disconnect", "it runs the agent's program; see `azcmagent`"),
    ("assert", "it sends nothing"),
    ("directory", "it works on this machine's files; see `directory`"),
    ("echo", "it sends nothing"),
    ("endpoint", "it tries a connection once, and any answer will do; see `probe`"),
    ("exec", "it runs a program of this machine; see `exec`"),
    ("file", "it works on this machine's files; see `file`"),
    ("host", "it sends nothing"),
    ("postgres_query", "its protocol is not HTTP; the program's tests have servers that break off"),
    ("random", "it sends nothing"),
    ("template", "it works on this machine's files; see `template`"),
    ("wait", "it sends nothing"),
];

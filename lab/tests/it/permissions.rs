//! The permissions that the lab checks are those of the table of permissions, at the scopes of the table.

use std::fmt::Write as _;

use arcbook_lab::{Lab, World};

use crate::client::{Answer, Request};
use crate::permission_table::{Names, Row, filled, rows, scope_id};
use crate::{SUBSCRIPTION, started};

const WORLD: &str = r#"
tenant_id    = "10000000-0000-4000-8000-000000000001"
subscription = "00000000-0000-0000-0000-000000000000"

resource_group "rg" { location = "westeurope" }

machine "vm-1" { resource_group = "rg" }

key_vault "roles01" {
  resource_group = "rg"
  rbac           = true
  secret "scenario" { value = "x" }
  certificate "web" {}
}

storage_account "files01" {
  resource_group = "rg"
  container "files" {}
}

group "servers" { id = "30000000-0000-4000-8000-000000000001" }

service_principal "nobody" {}
"#;

/// The texts of the names in the table.
const NAMES: [(&str, &str); 14] = [
    ("subscription", "00000000-0000-0000-0000-000000000000"),
    ("group", "rg"),
    ("scope", "subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg"),
    ("namespace", "Microsoft.HybridConnectivity"),
    ("machine", "vm-1"),
    ("vault", "roles01"),
    ("account", "files01"),
    ("secret", "scenario"),
    ("certificate", "web"),
    ("container", "files"),
    ("assignment", "40000000-0000-4000-8000-000000000001"),
    ("id", "30000000-0000-4000-8000-000000000001"),
    ("member", "20000000-0000-4000-8000-000000000009"),
    ("version", "0123456789abcdef0123456789abcdef"),
];

/// A row with the texts of its names.
struct Case {
    row: Row,
    names: Names,
    /// The names of the principals that hold the permission at the scope, and beside it.
    own: String,
    beside: String,
}

impl Case {
    fn of((number, row): (usize, Row)) -> Self {
        let names = row.target.split('{').skip(1).filter_map(|rest| rest.split('}').next());
        let text = |name: &'static str| {
            let name = name.trim_end_matches("...");
            let known = NAMES.iter().find(|(known, _)| *known == name);
            (name, known.map_or_else(|| "any".to_owned(), |(_, text)| (*text).to_owned()))
        };
        let names = names.map(text).collect();
        Self { row, names, own: format!("own-{number}"), beside: format!("beside-{number}") }
    }

    /// Returns the name of the vault or of the account.
    fn host(&self) -> &'static str {
        if self.row.service == "vault" { "roles01" } else { "files01" }
    }

    fn action(&self) -> String {
        filled(self.row.actions[0], &self.names)
    }

    fn scope(&self) -> String {
        let scope = filled(self.row.scope.unwrap(), &self.names);
        scope_id(self.row.service, &format!("{SUBSCRIPTION}/resourceGroups/rg"), self.host(), &scope)
    }

    /// Returns true if a role can be assigned beside the scope: one at a subscription cannot, in this world.
    fn has_neighbour(&self) -> bool {
        self.row.plane != "directory" && self.scope() != SUBSCRIPTION
    }

    /// Returns the blocks of the principals and of their rights.
    fn blocks(&self, number: usize) -> String {
        let Self { row, own, beside, .. } = self;
        let action = self.action();
        if row.plane == "directory" {
            return format!(
                "service_principal \"{own}\" {{ graph_permissions = [\"{action}\"] }}\n\
                 service_principal \"{beside}\" {{}}\n"
            );
        }
        let list = if row.plane == "data" { "data_actions" } else { "actions" };
        let mut blocks = format!("role \"role-{number}\" {{ {list} = [\"{action}\"] }}\n");
        for (principal, scope) in [(own, self.scope()), (beside, format!("{}-other", self.scope()))] {
            let _ = writeln!(blocks, "service_principal \"{principal}\" {{}}");
            if principal == own || self.has_neighbour() {
                let _ = writeln!(
                    blocks,
                    "role_assignment {{\n role = \"role-{number}\"\n principal = \"{principal}\"\n scope = \"{scope}\"\n}}"
                );
            }
        }
        blocks
    }

    async fn sent_by(&self, lab: &Lab, principal: &str) -> Answer {
        let (host, audience, query) = match self.row.service {
            "arm" => {
                ("management.azure.com".to_owned(), "https://management.azure.com", "?api-version=2024-01-01")
            }
            "vault" => {
                (format!("{}.vault.azure.net", self.host()), "https://vault.azure.net", "?api-version=7.4")
            }
            "blob" => (format!("{}.blob.core.windows.net", self.host()), "https://storage.azure.com", ""),
            _ => ("graph.microsoft.com".to_owned(), "https://graph.microsoft.com", ""),
        };
        let url = format!("https://{host}{}{query}", filled(self.row.target, &self.names));
        let request = Request::to_azure(lab, self.row.method, &url)
            .bearer(&lab.token(principal, audience).unwrap())
            .header("x-ms-version", "2020-10-02");
        let body = match (self.row.method, self.row.service) {
            (_, "graph") => {
                r#"{"@odata.id":"https://graph.microsoft.com/v1.0/directoryObjects/20000000-0000-4000-8000-000000000009"}"#
            }
            ("PUT" | "PATCH" | "POST", "arm" | "vault") => "{}",
            _ => "",
        };
        let request = request.header("content-type", "application/json").body(body);
        request.send().await
    }
}

/// Returns the differences between the lab and a row.
async fn differences(lab: &Lab, case: &Case) -> Vec<String> {
    let code = case.row.refusal.unwrap();
    let mut found = Vec::new();
    let request = format!("{} {} {}", case.row.method, case.row.service, case.row.target);
    let beside = case.has_neighbour().then_some(case.beside.as_str());
    for stranger in ["nobody"].into_iter().chain(beside) {
        let answer = case.sent_by(lab, stranger).await;
        let (status, text) = (answer.status, answer.text());
        // A response to HEAD has no body, and only Azure Resource Manager and Key Vault name the action.
        let names_action = !matches!(case.row.service, "arm" | "vault") || text.contains(&case.action());
        let names_code = case.row.method == "HEAD" || text.contains(code);
        if status != 403 || !names_action || !names_code {
            found.push(format!("{request} by {stranger}: {status} {text}"));
        }
    }
    let answer = case.sent_by(lab, &case.own).await;
    if answer.status == 403 || answer.status == 401 {
        found.push(format!("{request} with {} at {}: {}", case.action(), case.scope(), answer.text()));
    }
    found
}

#[tokio::test]
async fn every_request_needs_the_permission_of_its_row_and_no_other() {
    let rows = rows().into_iter().filter(|row| row.refusal.is_some()).enumerate();
    let cases: Vec<Case> = rows.map(Case::of).collect();
    assert!(cases.len() > 80, "{}", cases.len());
    let blocks = cases.iter().enumerate().map(|(number, case)| case.blocks(number));
    let world =
        World::parse(&format!("{WORLD}{}", blocks.collect::<String>()), "permissions.lab.hcl").unwrap();
    let lab = started(world).await;
    let mut found = Vec::new();
    // What reads comes first, since a request that may do more removes what it finds.
    for reads in [true, false] {
        for case in
            cases.iter().filter(|case| (case.row.method == "GET" || case.row.method == "HEAD") == reads)
        {
            found.extend(differences(&lab, case).await);
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

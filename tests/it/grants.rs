//! The pages of a change name the principal that gets a right.

use crate::support::Place;

const GROUP: &str = "30000000-0000-4000-8000-000000000001";
const SCOPE: &str = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/g";

#[test]
fn a_change_that_gives_a_right_names_the_right_and_whoever_gets_it() {
    let vault = format!("{SCOPE}/providers/Microsoft.KeyVault/vaults/kv01");
    let assignment = format!(
        "{SCOPE}/providers/Microsoft.Authorization/roleAssignments/40000000-0000-4000-8000-000000000001"
    );
    let reader = "/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7";
    let role = |more: &str| {
        format!("\"role_assignment\" \"x\" {{\n  scope = \"{SCOPE}\"\n  role = \"Reader\"\n{more}}}\n")
    };
    let policy = |more: &str| {
        format!(
            "\"keyvault_access_policy\" \"x\" {{\n  vault_id = \"{vault}\"\n  principal_id = \"{GROUP}\"\n{more}}}\n"
        )
    };
    let resource = |body: &str| {
        format!(
            "\"arm_resource\" \"x\" {{\n  id = \"{assignment}\"\n  api_version = \"2022-04-01\"\n  body = {{ properties = {{ {body} }} }}\n}}\n"
        )
    };
    let principal = format!("  principal_id = \"{GROUP}\"\n");
    let later = "  principal_id = step.exec.who.stdout\n";
    let member = "\"entra_group_member\" \"x\" {\n  group_id = \"30000000-0000-4000-8000-000000000002\"\n  member_id = \"30000000-0000-4000-8000-000000000001\"\n}\n";
    for (step, title) in [
        (role(&principal), format!("role Reader for principal {GROUP} on resource group g")),
        (
            role(&format!("{principal}  principal_type = \"group\"\n")),
            format!("role Reader for group {GROUP} on resource group g"),
        ),
        (role(later), "role Reader for the principal found by step.exec.who on resource group g".to_owned()),
        (
            policy("  secrets = [\"get\", \"list\"]\n  keys = []\n"),
            format!("access policy of {GROUP} in vault kv01: secrets get, list; keys none"),
        ),
        (
            policy("  secrets = [\"get\"]\n  application_id = \"20000000-0000-4000-8000-000000000001\"\n"),
            format!(
                "access policy of {GROUP} through application 20000000-0000-4000-8000-000000000001, in vault kv01: secrets get"
            ),
        ),
        (policy("  absent = true\n"), format!("access policy of {GROUP} in vault kv01")),
        (member.to_owned(), format!("member {GROUP} in group 30000000-0000-4000-8000-000000000002")),
        (
            resource(&format!("roleDefinitionId = \"{reader}\", principalId = \"{GROUP}\", principalType = \"Group\"")),
            format!("role Reader for group {GROUP} on resource group g"),
        ),
        (
            resource(&format!("roleDefinitionId = \"{reader}\", principalId = step.exec.who.stdout")),
            "roleAssignments 40000000-0000-4000-8000-000000000001 for a principal that its body names, of resource group g"
                .to_owned(),
        ),
    ] {
        let who = "step \"exec\" \"who\" {\n  argv   = [\"echo\", \"x\"]\n  effect = \"reads\"\n}\n";
        let place = Place::with(&format!("{who}step {step}"));
        for arguments in [&["plan"][..], &["plan", "-markdown"]] {
            let ran = Place::command(&place, arguments).env("COLUMNS", "250").output().expect("the program");
            let page = String::from_utf8(ran.stdout).expect("text");
            let words: Vec<&str> = page.split(|next: char| next.is_whitespace() || next == '|').collect();
            let words = words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
            assert!(words.contains(&format!(" {title}")), "{title}: {page}{}", String::from_utf8_lossy(&ran.stderr));
        }
    }
}

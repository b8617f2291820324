use uuid::Uuid;

use super::*;

const BASE: &str = r#"
tenant_id    = "10000000-0000-4000-8000-000000000001"
subscription = "00000000-0000-0000-0000-000000000000"
resource_group "rg" { location = "westeurope" }
machine "vm-1" { resource_group = "RG" }
"#;

fn with(more: &str) -> Result<World, WorldError> {
    World::parse(&format!("{BASE}{more}"), "test.lab.hcl")
}

#[test]
fn defaults_come_from_the_machine_and_its_group() {
    let world = with(
        r#"
        key_vault "kv-1" {
            resource_group = "rg"
            access_policy { secrets = ["get"] }
            secret "a" { value = "hush" }
        }
        storage_account "sa1" {
            resource_group = "rg"
            location       = "northeurope"
            role_assignment { role = "Storage Blob Data Reader" }
            role_assignment { role = "Reader" }
        }"#,
    )
    .unwrap();
    let machine = world.machine.as_ref().unwrap();
    assert_eq!(machine.group, "rg", "a group is named as it was declared");
    assert_eq!(machine.location, "westeurope");
    assert_eq!(world.vaults[0].policies[0].principal, world.principals[0].object_id);
    assert_eq!(world.assignments.len(), 2);
    assert!(world.assignments.iter().all(|held| held.scope == world.accounts[0].id));
    assert_eq!(
        world.resources.iter().map(|resource| resource.name.as_str()).collect::<Vec<_>>(),
        ["rg", "vm-1", "kv-1", "sa1"]
    );
    assert!(!format!("{world:?}").contains("hush"), "a secret is not printed");
}

#[test]
fn ids_are_the_same_every_time() {
    let ids = || {
        let world = with("service_principal \"operator\" {}").unwrap();
        world.principals.iter().map(|own| (own.object_id, own.client_id)).collect::<Vec<_>>()
    };
    assert_eq!(ids(), ids());
}

#[test]
fn errors_name_block_reason_and_remedy() {
    for (more, says) in [
        (
            "key_vault \"kv-1\" {\n  resource_group = \"rg\"\n  rbca = true\n}",
            "test.lab.hcl:8: key_vault.kv-1.rbca: unknown field `rbca`",
        ),
        (
            "storage_account \"sa1\" {\n  resource_group = \"other\"\n}",
            "test.lab.hcl:7: storage_account.sa1.resource_group: there is no resource group \"other\"; declare",
        ),
        ("storage_account \"S_A\" { resource_group = \"rg\" }", "use 3 to 24 lower-case letters and digits"),
        (
            "role_assignment { role = \"Raeder\" }",
            "test.lab.hcl:6: role_assignment[0]: there is no role \"Raeder\"; use the name or the id",
        ),
        (
            "role_assignment {\n role = \"Reader\"\n scope = \"/subscriptions/other\"\n}",
            "test.lab.hcl:6: role_assignment[0]: its scope is not below /subscriptions/",
        ),
        (
            "role_assignment { role = \"Reader\" }\nrole_assignment { role = 5 }\nrole_assignment { role = \"Owner\" }",
            "test.lab.hcl:7: role_assignment[1].role: invalid type",
        ),
        ("machine \"two\" { resource_group = \"rg\" }", "a world has one machine"),
        ("page_size = 0", "test.lab.hcl:6: page_size: out of range"),
        ("page_size = var.size", "test.lab.hcl:6: page_size: a world file holds plain values"),
        ("subscription_name = \"${1}\"", "a world file holds plain values"),
        (
            "key_vault \"kv-1\" { resource_group = \"rg\" }\nkey_vault \"kv-1\" { resource_group = \"rg\" }",
            "test.lab.hcl:7: key_vault.kv-1: declared twice",
        ),
        ("resource_group \"RG\" { location = \"x\" }", "declared twice (Azure ignores case in names)"),
        (
            "resource \"Microsoft.KeyVault/vaults\" \"x\" { resource_group = \"rg\" }",
            "write it as `key_vault`",
        ),
        ("resource \"A.B/c/d\" \"x\" { resource_group = \"rg\" }", "is not a type for the name"),
        (
            "key_vault \"kv-1\" {\n resource_group = \"rg\"\n type = \"Microsoft.Vault/keys\"\n}",
            "key_vault.kv-1.type: another type; write Microsoft.KeyVault/vaults, in any case",
        ),
        (
            "key_vault \"kv-1\" {\n resource_group = \"rg\"\n rbac = true\n access_policy { secrets = [] }\n}",
            "does not heed access policies",
        ),
        (
            "key_vault \"kv-1\" {\n resource_group = \"rg\"\n secret \"s\" {\n value = \"v\"\n expires = \"soon\"\n}\n}",
            "test.lab.hcl:10: key_vault.kv-1.secret.s.expires: not a time",
        ),
        ("key_vault \"kv-1\" {", "not HCL"),
        ("role_assignment \"x\" { role = \"Reader\" }", "test.lab.hcl:6: role_assignment"),
        ("throttle \"armm\" {\n burst = 1\n per_second = 1\n}", "throttle.armm: not a service; use one of"),
        (
            "throttle \"arm\" {\n burst = 1\n per_second = 1\n writes {\n burst = 0\n per_second = 1\n}\n}",
            "throttle.arm.writes: a limit that lets nothing through",
        ),
        ("run_command \"*\" { exit = 1 }", "test.lab.hcl:6: run_command.*.exit: unknown field"),
    ] {
        let message = with(more).unwrap_err().to_string();
        assert!(message.contains(says), "{more}\n  gave {message}");
    }
}

#[test]
fn all_mistakes_are_told_in_the_order_of_the_file_and_none_that_only_follow() {
    let lines = |more: &str| {
        let error = with(more).unwrap_err();
        error
            .each()
            .iter()
            .map(|one| one.to_string().split(';').next().unwrap_or_default().to_owned())
            .collect::<Vec<_>>()
    };
    for (more, expected) in [
        (
            "key_vault \"kv-1\" {\n resource_group = 5\n rbca = true\n}\nlock \"l\" { resource_group = \"rg\" }",
            vec!["test.lab.hcl:7:", "test.lab.hcl:8:", "test.lab.hcl:10:"],
        ),
        (
            "storage_account \"S_A\" { resource_group = \"rg\" }\nkey_vault \"kv-1\" { resource_group = \"none\" }",
            vec!["test.lab.hcl:6:", "test.lab.hcl:7:"],
        ),
        ("page_size = var.size\nsubscription_name = \"${1}\"", vec!["test.lab.hcl:6:", "test.lab.hcl:7:"]),
        // A wrong group is no group for those in it.
        (
            "resource_group \"other\" { loction = \"x\" }\nkey_vault \"kv-1\" { resource_group = \"other\" }",
            vec!["test.lab.hcl:6:"],
        ),
        ("role_assignment { role = 5 }\nrole_assignment { role = \"Raeder\" }", vec!["test.lab.hcl:6:"]),
    ] {
        let found = lines(more);
        assert_eq!(found.len(), expected.len(), "{more}: {found:?}");
        assert!(found.iter().zip(&expected).all(|(one, at)| one.starts_with(at)), "{more}: {found:?}");
    }
    let vault = |at: u32| format!("key_vault \"kv-{at}\" {{ resource_group = \"none\" }}");
    let many = (0..50).map(vault).collect::<Vec<_>>().join("\n");
    assert_eq!(with(&many).unwrap_err().each().len(), mistakes::MOST);
}

#[test]
fn errors_of_resource_types_name_block_reason_and_remedy() {
    for (more, says) in [
        ("resource_type \"A.B\" {}", "test.lab.hcl:6: resource_type.A.B: not a resource type"),
        (
            "resource_type \"A.B/c\" {}\nresource_type \"a.b/C\" {}",
            "test.lab.hcl:7: resource_type.a.b/C: declared twice",
        ),
        (
            "resource_type \"A.B/c\" {\n api_versions = [\"2024-01-01\", \"new\"]\n}",
            "test.lab.hcl:7: resource_type.A.B/c.api_versions[1]: not an api-version",
        ),
        (
            "resource_type \"A.B/c\" {\n write_only = [\"properties..x\"]\n}",
            "resource_type.A.B/c.write_only[0]: not a member of a resource",
        ),
        ("resource_type \"A.B/c\" {\n operation { kind = \"soon\" }\n}", "unknown variant `soon`"),
        (
            "resource_type \"A.B/c\" {\n operation {\n kind = \"location\"\n polls = 1\n milliseconds = 1\n}\n}",
            "test.lab.hcl:7: resource_type.A.B/c.operation[0]: an operation has one length",
        ),
        (
            "resource_type \"A.B/c\" {\n operation {\n kind = \"location\"\n running = \"Failed\"\n}\n}",
            "`running` is the word of an operation that has ended",
        ),
        (
            "resource_type \"A.B/c\" {\n action \"go\" {\n operation { kind = \"provisioning-state\" }\n}\n}",
            "test.lab.hcl:7: resource_type.A.B/c.action.go: an action does not change `provisioningState`",
        ),
        (
            "faults = [\"arm:503\", \"arm:soon\"]",
            "test.lab.hcl:6: faults[1]: fault \"arm:soon\": there is no kind",
        ),
    ] {
        let message = with(more).unwrap_err().to_string();
        assert!(message.contains(says), "{more}\n  gave {message}");
    }
}

#[test]
fn grants_are_for_the_principal_that_they_name() {
    let world = with(
        r#"
        service_principal "operator" {
            object_id = "20000000-0000-4000-8000-000000000002"
            secret "first" {
                value   = "hush"
                expires = "2030-01-31T12:00:00Z"
            }
            role_assignment { role = "Reader" }
        }
        user_assigned_identity "backup" {
            resource_group = "rg"
            role_assignment { role = "Reader" }
        }
        key_vault "kv-1" {
            resource_group = "rg"
            access_policy {
                principal = "operator"
                secrets   = ["get"]
            }
            role_assignment {
                role      = "Reader"
                principal = "backup"
            }
        }
        virtual_machine "vm-2" { resource_group = "rg" }
        role_assignment { role = "Reader" }"#,
    )
    .unwrap();
    let id = |name: &str| world.principals.iter().find(|own| own.name == name).unwrap().object_id;
    let held = |principal: Uuid, scope: &str| {
        world.assignments.iter().any(|held| held.principal == principal && held.scope == scope)
    };
    let subscription = world.subscription_scope();
    assert_eq!(id("operator"), Uuid::from_u128(0x20000000_0000_4000_8000_000000000002));
    assert_eq!(world.vaults[0].policies[0].principal, id("operator"));
    assert!(held(id("operator"), &subscription) && held(id("backup"), &subscription));
    assert!(held(id("backup"), &world.vaults[0].id));
    assert!(held(id("vm-1"), &subscription), "a grant without a principal is for the machine");
    assert!(!held(id("vm-2"), &subscription));
    assert!(!format!("{world:?}").contains("hush"), "a secret is not printed");
}

#[test]
fn errors_of_principals_name_block_reason_and_remedy() {
    let operator = "service_principal \"operator\" {";
    let pem = "certificate \"c\" {\n pem = \"x\"\n}";
    for (more, says) in [
        (
            "role_assignment {\n role = \"Reader\"\n principal = \"nobody\"\n}".to_owned(),
            "test.lab.hcl:6: role_assignment[0]: there is no principal \"nobody\"; use one of \"vm-1\"",
        ),
        (
            "role_assignment {\n role = \"Reader\"\n principal = \"vm-1\"\n \
             principal_id = \"20000000-0000-4000-8000-000000000002\"\n}"
                .to_owned(),
            "a grant has one principal; keep `principal` or `principal_id`",
        ),
        (
            format!("{operator}\n role_assignment {{\n role = \"Reader\"\n principal = \"vm-1\"\n}}\n}}"),
            "test.lab.hcl:7: service_principal.operator.role_assignment[0]: a role in this block is the block's own",
        ),
        (format!("{operator}}}\nuser_assigned_identity \"operator\" {{ resource_group = \"rg\" }}"), "declared twice"),
        (
            format!("{operator}\n secret \"a\" {{\n value = \"v\"\n expires = \"soon\"\n}}\n}}"),
            "test.lab.hcl:9: service_principal.operator.secret.a.expires: not a time",
        ),
        (format!("{operator}\n {pem}\n}}"), "service_principal.operator.certificate.c: no certificate in PEM"),
        (format!("{operator}\n certificate \"c\" {{}}\n}}"), "give `pem` or `pem_file`"),
        (
            format!("{operator}\n certificate \"c\" {{\n pem_file = \"none.pem\"\n}}\n}}"),
            "none.pem: cannot be read",
        ),
        (format!("{operator}\n conditional_access = \"on\"\n}}"), "unknown variant `on`"),
        (
            "virtual_machine \"a\" { resource_group = \"rg\" }\nvirtual_machine \"b\" { resource_group = \"rg\" }".to_owned(),
            "test.lab.hcl:7: virtual_machine.b: a world has one virtual machine",
        ),
    ] {
        let message = with(&more).unwrap_err().to_string();
        assert!(message.contains(says), "{more}\n  gave {message}");
    }
    let bare =
        BASE.replace("machine \"vm-1\" { resource_group = \"RG\" }", "role_assignment { role = \"Reader\" }");
    let message = World::parse(&bare, "x").unwrap_err().to_string();
    assert!(message.contains("for the machine, and there is none; name one with `principal`"), "{message}");
}

#[test]
fn hostile_text_is_refused_without_a_panic() {
    let nested = "[".repeat(10_000);
    for text in ["", "\u{0}", "a = ", "x {", "tenant_id = \"\u{202e}\"", "machine = 5", &nested] {
        assert!(World::parse(text, "x").is_err(), "{text:.20}");
    }
    let error = World::parse(&format!("x = {nested}"), "x").unwrap_err();
    assert!(matches!(error, WorldError::Syntax { .. }));
}

#[test]
fn an_error_names_its_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.lab.hcl");
    assert!(matches!(World::load(&path), Err(WorldError::Read { .. })));
    std::fs::write(&path, [0xff, 0xfe]).unwrap();
    assert!(World::load(&path).unwrap_err().to_string().contains("save it as UTF-8"));
    std::fs::write(&path, vec![b'#'; 5 << 20]).unwrap();
    assert!(matches!(World::load(&path), Err(WorldError::TooLong { .. })));
}

#[test]
fn the_jumpstart_world_loads() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../runbooks/jumpstart/jumpstart.lab.hcl");
    let world = World::load(path).unwrap();
    assert!(world.resources.len() > 2 * world.page_size, "more than two pages");
    let machine = world.machine.unwrap();
    assert_eq!(machine.tags.get("scenario").map(String::as_str), Some("Managed Identity"));
}

proptest::proptest! {
    #[test]
    fn any_input_is_parsed_or_refused(
        text in "(machine|key_vault|secret|role_assignment|\"a\"|=|\\{|\\}|\\[|\\]|,|\n|5|<<E|E|\\$\\{|é|#){0,20}"
    ) {
        let _ = with(&text);
    }
}

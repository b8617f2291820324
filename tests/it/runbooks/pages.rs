//! The pages of the runbooks.

use std::fs;

use crate::support::repository;

/// A vault decides by roles or by access policies, and no role counts at one with policies.
#[test]
fn a_page_that_names_a_role_of_a_vault_names_the_access_policy_too() {
    let mut pages = 0;
    for folder in fs::read_dir(repository().join("runbooks")).expect("readable").flatten() {
        let Ok(page) = fs::read_to_string(folder.path().join("README.md")) else { continue };
        if !page.contains("Key Vault Secrets User") {
            continue;
        }
        pages += 1;
        for part in [
            "az keyvault set-policy --name VAULT --object-id ",
            " --secret-permissions get",
            "`AccessDenied`",
        ] {
            assert!(page.contains(part), "{}: no {part:?}", folder.path().display());
        }
    }
    assert!(pages >= 4, "{pages}");
}

/// The lab of a run ends with it, so that another run finds nothing of it.
#[test]
fn a_page_that_promises_a_second_run_says_that_a_lab_ends() {
    for name in ["jumpstart", "certificate", "fleet", "onboard", "postgres"] {
        let page = repository().join("runbooks").join(name).join("README.md");
        let page = fs::read_to_string(page).expect("the page");
        let is_told = [
            "Each run with `-lab`",
            "each run with `-lab`",
            "With `-lab`, each run",
            "On the lab, that needs",
        ];
        assert!(is_told.iter().any(|part| page.contains(part)), "{name}");
    }
}

/// A tag that a machine does not have must not end a run halfway.
#[test]
fn a_tag_of_the_machine_is_read_with_a_default() {
    let mut files = Vec::new();
    for folder in ["runbooks", "examples", "templates"] {
        super::silent::collect(&repository().join(folder), &mut files);
    }
    for file in files {
        let text = fs::read_to_string(&file).expect("text");
        let is_bare = text.contains("machine.tags.") || text.contains("machine.tags[");
        assert!(!is_bare, "{}: write lookup(step.metadata.machine.tags, NAME, DEFAULT)", file.display());
    }
}

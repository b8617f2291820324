//! Finds trust in those who are not principals of the tenant, and rights in its directory.

use arcbook_engine::audit::{Found, Subject};
use arcbook_engine::value::Value;
use percent_encoding::percent_decode_str;

use super::sent::{Sent, sent};
use super::written::{member, segments, written};
use crate::cloud::Service;

/// The ends of the types of resources that give rights to others, with the words for them.
const TYPES: [(&str, &str); 3] = [
    ("microsoft.managedservices/registrationdefinitions", "a delegation to another tenant"),
    ("microsoft.managedservices/registrationassignments", "a delegation to another tenant"),
    ("/federatedidentitycredentials", IDENTITY),
];

const IDENTITY: &str = "an identity for whoever has a token of another issuer";
const ROLE: &str = "a role of the directory";
const CREDENTIAL: &str = "a credential with which its holder acts as an application";
const PASSWORD: &str = "a credential with which its holder acts as a user";
const APPLICATION: &str = "a permission of an application, which needs no role";
const OWNER: &str = "an owner, who may make credentials or members";

/// The end of the path of the request by which the caller becomes an administrator of the tenant.
const ELEVATION: &str = "/providers/microsoft.authorization/elevateaccess";

/// The segments of paths of Microsoft Graph that give rights, with the words for what they give.
const GRAPH: [(&str, &str); 18] = [
    ("rolemanagement", ROLE),
    ("directoryroles", ROLE),
    ("scopedrolemembers", ROLE),
    ("privilegedaccess", ROLE),
    ("approleassignments", APPLICATION),
    ("approleassignedto", APPLICATION),
    ("oauth2permissiongrants", APPLICATION),
    ("delegatedpermissionclassifications", APPLICATION),
    ("addpassword", CREDENTIAL),
    ("addkey", CREDENTIAL),
    ("addtokensigningcertificate", CREDENTIAL),
    ("resetpassword", PASSWORD),
    ("temporaryaccesspassmethods", PASSWORD),
    ("owners", OWNER),
    ("federatedidentitycredentials", IDENTITY),
    ("federationconfiguration", IDENTITY),
    ("delegatedadminrelationships", "a delegation to another tenant"),
    ("delegatedadmincustomers", "a delegation to another tenant"),
];

/// The members of bodies of Microsoft Graph that give rights.
const MEMBERS: [(&str, &str); 4] = [
    ("passwordCredentials", CREDENTIAL),
    ("keyCredentials", CREDENTIAL),
    ("passwordProfile", PASSWORD),
    ("owners@odata.bind", OWNER),
];

pub(super) fn check(subject: &Subject<'_>) -> Vec<Found> {
    let resources = written(subject).into_iter().filter_map(|one| {
        let (_, words) = TYPES.iter().find(|(kind, _)| one.kind.ends_with(kind))?;
        Some(one.view.found(one.argument, *words))
    });
    let requests = sent(subject).into_iter().filter(|one| one.gives).filter_map(|one| {
        let argument = if one.view.argument("url").is_some() { "url" } else { "path" };
        if one.service == Some(Service::Graph) {
            return Some(one.view.found(argument, in_graph(&one)?));
        }
        let path = one.path.as_deref()?.trim_end_matches('/').to_ascii_lowercase();
        let message = "the caller becomes an administrator of everything in the tenant";
        path.ends_with(ELEVATION).then(|| one.view.found(argument, message))
    });
    resources.chain(requests).collect()
}

/// Returns the words for the right that a request to Microsoft Graph gives; none if it gives none.
fn in_graph(one: &Sent<'_>) -> Option<&'static str> {
    let names: Vec<String> = one.path.as_deref().map(segments).unwrap_or_default();
    let by_path = names.iter().find_map(|segment| {
        let word = word(segment);
        GRAPH.iter().find(|(name, _)| *name == word).map(|(_, words)| *words)
    });
    let has = |name: &str| one.body.as_ref().is_some_and(|body| member(body, &[name]).is_some_and(is_given));
    by_path.or_else(|| MEMBERS.iter().find(|(name, _)| has(name)).map(|(_, words)| *words))
}

/// Returns true if a list may have an element.
fn is_given(list: &Value) -> bool {
    list.is_unknown() || list.children().next().is_some()
}

/// Returns the word of a segment: without its encoding, its namespace and its key.
fn word(segment: &str) -> String {
    let decoded = percent_decode_str(segment).decode_utf8_lossy().to_ascii_lowercase();
    let name = decoded.split('(').next().unwrap_or_default();
    name.strip_prefix("microsoft.graph.").unwrap_or(name).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_segment_of_graph_is_known_in_every_spelling() {
        for (segment, expected) in [
            ("DirectoryRoles", "directoryroles"),
            ("directoryRoles(roleTemplateId='x')", "directoryroles"),
            ("microsoft.graph.addPassword", "addpassword"),
            ("add%50assword", "addpassword"),
            ("(known after step.a.b)", ""),
        ] {
            assert_eq!(word(segment), expected, "{segment}");
        }
    }
}

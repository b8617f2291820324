//! Two runbooks, and the difference between them in short lines.

use serde_json::Value as Json;

use crate::support::{Place, Ran};

/// Returns the difference between the runbooks `old` and `new` of a place, for tools.
pub fn difference(place: &Place, old: &str, new: &str) -> Json {
    let ran = place.run(&["diff", "-json", old, new]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    serde_json::from_str(&ran.out).expect("JSON")
}

/// Writes a runbook as a directory of a place.
pub fn write(place: &Place, name: &str, text: &str) {
    place.write(&format!("{name}/main.runbook.hcl"), text);
}

/// Returns the difference in lines: blocks, then accesses with their symbols, then growth.
pub fn lines(difference: &Json) -> Vec<String> {
    let mut lines: Vec<String> = list(&difference["blocks"]).flat_map(block).collect();
    for facet in ["permissions", "hosts", "secrets", "files", "programs", "statements"] {
        for (key, symbol) in [("added", "+"), ("removed", "-")] {
            lines.extend(
                list(&difference[facet][key]).map(|one| format!("{symbol} {facet}: {}", access(one))),
            );
        }
    }
    lines.extend(
        list(&difference["inputs"])
            .map(|one| format!("{} the file {}", text(&one["change"]), text(&one["path"]))),
    );
    let growth = |one: &Json| format!("grows, {}: {}", text(&one["kind"]), text(&one["access"]));
    lines.extend(list(&difference["privilege"]).map(growth));
    lines
}

fn block(block: &Json) -> Vec<String> {
    let head = format!("{} {}", text(&block["change"]), text(&block["address"]));
    let was = block["was"].as_str().map(|was| format!("{head}, was {was}"));
    let part = |part: &Json| {
        let side = |name: &str| part[name].as_str().unwrap_or("nothing").to_owned();
        let why = if part["is_consequence"] == true { ", by another change" } else { "" };
        format!("{head}: {}: {} → {}{why}", text(&part["name"]), side("old"), side("new"))
    };
    let instances = |key: &str| -> Vec<String> {
        list(&block[key]).map(|one| format!("{head}: {key}: {}", text(one))).collect()
    };
    let mut lines: Vec<String> = was.into_iter().chain(list(&block["parts"]).map(part)).collect();
    lines.extend(instances("added_instances"));
    lines.extend(instances("removed_instances"));
    if lines.is_empty() { vec![head] } else { lines }
}

fn access(one: &Json) -> String {
    let members = one.as_object().expect("an object").iter().filter(|(name, _)| *name != "blocks");
    members.map(|(_, member)| text(member)).collect::<Vec<_>>().join(" ")
}

fn list(json: &Json) -> impl Iterator<Item = &Json> {
    json.as_array().into_iter().flatten()
}

fn text(json: &Json) -> String {
    json.as_str().map_or_else(|| json.to_string(), str::to_owned)
}

/// Asserts that a command ended with a code, and returns it.
pub fn ended(ran: Ran, code: i32) -> Ran {
    assert_eq!(ran.code, Some(code), "{}", ran.seen());
    ran
}

//! The scheduled task for Windows.

use std::collections::BTreeMap;

use quick_xml::Reader;
use quick_xml::events::Event;

use crate::support::{Place, repository};

/// The texts of the elements that matter, by their paths.
const ELEMENTS: [(&str, &str); 11] = [
    ("Principals/Principal/UserId", "S-1-5-19"),
    ("Principals/Principal/RunLevel", "LeastPrivilege"),
    ("Principals/Principal/ProcessTokenSidType", "Unrestricted"),
    ("Principals/Principal/RequiredPrivileges/Privilege", "SeChangeNotifyPrivilege"),
    ("Settings/MultipleInstancesPolicy", "IgnoreNew"),
    ("Settings/StartWhenAvailable", "true"),
    ("Settings/ExecutionTimeLimit", "PT1H"),
    ("Settings/DisallowStartIfOnBatteries", "false"),
    ("Triggers/CalendarTrigger/ScheduleByDay/DaysInterval", "1"),
    ("Actions/Exec/Command", r"C:\Program Files\arcbook\arcbook.exe"),
    ("Actions/Exec/WorkingDirectory", r"C:\ProgramData\arcbook"),
];

/// The elements that would name another account, or store a password.
const ABSENT: [&str; 3] = ["LogonType", "GroupId", "Password"];

fn task() -> String {
    let path = repository().join("integrations/windows/arcbook-task.xml");
    std::fs::read_to_string(path).expect("the task")
}

/// Returns the text of each element by its path below `Task`. Panics if the text is not well-formed.
fn elements(text: &str) -> BTreeMap<String, String> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_comments = true;
    let (mut path, mut found) = (Vec::new(), BTreeMap::new());
    loop {
        match reader.read_event().expect("well-formed XML") {
            Event::Start(start) => {
                path.push(String::from_utf8(start.name().as_ref().to_vec()).expect("UTF-8"));
                start.attributes().for_each(|attribute| drop(attribute.expect("an attribute")));
                let earlier = found.insert(path[1..].join("/"), String::new());
                assert_eq!(earlier, None, "{path:?}");
            }
            Event::End(_) => drop(path.pop()),
            Event::Text(text) if !path.is_empty() => {
                let text = text.decode().expect("UTF-8");
                found.entry(path[1..].join("/")).and_modify(|own| own.push_str(text.trim()));
            }
            Event::Eof => break,
            Event::Text(_) | Event::Decl(_) | Event::Comment(_) => {}
            other => panic!("the task has no use for {other:?}"),
        }
    }
    assert!(path.is_empty(), "{path:?} has no end");
    found
}

#[test]
fn the_task_runs_with_the_least_rights() {
    let text = task();
    assert!(text.is_ascii() && text.starts_with("<?xml version=\"1.0\"?>\n"), "schtasks reads no UTF-8");
    assert!(
        text.contains(
            "<Task version=\"1.3\" xmlns=\"http://schemas.microsoft.com/windows/2004/02/mit/task\">"
        )
    );
    let elements = elements(&text);
    for (path, expected) in ELEMENTS {
        assert_eq!(elements.get(path).map(String::as_str), Some(expected), "{path}");
    }
    for (path, text) in &elements {
        assert!(!ABSENT.iter().any(|name| path.ends_with(name)), "{path}");
        let text = text.to_uppercase();
        assert!(
            !["S-1-5-18", "SYSTEM", "PASSWORD", "HIGHESTAVAILABLE"].iter().any(|word| text.contains(word)),
            "{path}"
        );
    }
}

#[test]
fn the_command_of_the_task_runs_the_runbook_and_records_it() {
    let elements = elements(&task());
    let arguments: Vec<&str> = elements["Actions/Exec/Arguments"].split(' ').collect();
    for option in ["-quiet", "-auto-approve", "-wait-for-agent"] {
        assert!(arguments.contains(&option), "{arguments:?}");
    }
    for (step, code) in [
        ("step \"echo\" \"a\" { input = 1 }\n", 0),
        ("step \"exec\" \"a\" { argv = [\"false\"] }\n", 1),
        ("step \"nothing\" \"a\" {}\n", 3),
    ] {
        let place = Place::new();
        place.write("runbook/main.runbook.hcl", step);
        let ran = place.run(&arguments);
        assert_eq!(ran.code, Some(code), "{}", ran.seen());
        assert!(code > 0 || ran.out.is_empty(), "{}", ran.seen());
        let records = place.path().join("runs");
        assert_eq!(records.is_dir(), code < 3, "{step}");
    }
}

//! Reports in a browser: nothing is requested, and anybody can read them.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value as Json, json};

use super::content::{all_outcomes, jumpstart};
use crate::support::{Place, repository};

/// Reports the test as skipped; fails if `CI` is set, where nothing may be missing.
fn skip(why: &str) {
    assert!(std::env::var_os("CI").is_none(), "a browser cannot be used here: {why}");
    // Written directly, since the test harness captures the output of `eprintln!`.
    let _ = writeln!(io::stderr(), "\n*** NOT TESTED: reports in a browser: {why} ***\n");
}

/// Returns the program of the browser.
fn chromium() -> Result<PathBuf, String> {
    let names = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
    let found = names.map(PathBuf::from).into_iter().find(|path| path.exists());
    found.ok_or_else(|| "chromium is not installed".to_owned())
}

/// Installs the modules, once for each version, and returns their directory.
fn installed() -> Result<PathBuf, String> {
    let wanted = fs::read_to_string(repository().join("tests/browser/package.json")).expect("a package");
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("browser");
    let (modules, done) = (directory.join("node_modules"), directory.join("package.installed"));
    if fs::read_to_string(&done).is_ok_and(|installed| installed == wanted) {
        return Ok(modules);
    }
    fs::create_dir_all(&directory).expect("a directory");
    fs::write(directory.join("package.json"), &wanted).expect("written");
    let options = ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--silent"];
    match Command::new("npm").args(options).current_dir(&directory).output() {
        Ok(ran) if ran.status.success() => {}
        Ok(ran) => return Err(format!("npm: {}", String::from_utf8_lossy(&ran.stderr).trim())),
        Err(error) => return Err(format!("npm: {error}")),
    }
    fs::write(done, wanted).expect("written");
    Ok(modules)
}

/// Opens files in the browser, and returns what it found in each.
fn looked_at(files: &[PathBuf], options: &Json) -> Result<Vec<Json>, String> {
    let (chromium, modules) = (chromium()?, installed()?);
    let mut command = Command::new("node");
    command.arg(repository().join("tests/browser/check.js"));
    command.arg(chromium).arg(modules).arg(options.to_string()).args(files);
    let ran = command.output().map_err(|error| format!("node: {error}"))?;
    let out = String::from_utf8_lossy(&ran.stdout);
    assert!(ran.status.success(), "{out}\n{}", String::from_utf8_lossy(&ran.stderr));
    Ok(out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect())
}

/// Writes reports of runs of every outcome and of a plan, and a picture.
fn reports(place: &Place, run: &Place) -> Vec<PathBuf> {
    let write = |from: &Place, name: &str, arguments: &[&str]| {
        let ran = from.run(arguments);
        assert_eq!(ran.code, Some(0), "{}", ran.seen());
        place.write(name, ran.out);
        place.path().join(name)
    };
    vec![
        write(run, "run.html", &["report"]),
        write(run, "plan.html", &["report", "."]),
        write(&jumpstart(), "jumpstart.html", &["report", "-plan", "jumpstart"]),
        write(run, "graph.svg", &["graph", "-format", "svg"]),
    ]
}

#[test]
fn anybody_can_read_a_report_at_any_width_in_light_and_dark() {
    let place = Place::new();
    let files = reports(&place, &all_outcomes());
    let options = json!({ "widths": [390, 800, 1440], "schemes": ["light", "dark"], "keys": true });
    let found = match looked_at(&files[..3], &options) {
        Ok(found) => found,
        Err(why) => return skip(&why),
    };
    assert_eq!(found.len(), 18);
    for page in &found {
        assert_eq!(page["violations"], json!([]), "{page:#}");
        assert_eq!(page["problems"], json!([]), "{page:#}");
        assert_eq!(page["requests"], 1, "{page:#}");
        assert_eq!(page["scrolls"], 0, "the page is wider than the window: {page:#}");
        let keys = page["keys"].as_array().expect("names");
        assert_eq!(keys[0], "A Skip to the report", "{page:#}");
        let opens = |key: &&Json| key.as_str().is_some_and(|key| key.starts_with("SUMMARY"));
        let folds = if page["file"].as_str().is_some_and(|file| file.ends_with("plan.html")) { 0 } else { 3 };
        assert!(keys.iter().filter(opens).count() >= folds, "{page:#}");
    }
    let options = json!({ "widths": [800], "schemes": ["light", "dark"], "axe": false });
    for page in looked_at(&files[3..], &options).expect("a browser") {
        assert_eq!((&page["problems"], &page["requests"]), (&json!([]), &json!(1)), "{page:#}");
    }
}

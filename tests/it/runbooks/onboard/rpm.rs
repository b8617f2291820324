//! A machine whose package manager is rpm, with a root directory of the test.

use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use super::super::life::Stage as _;
use super::machine::{Onboarding, ran, script};

const RPM: &str = "/usr/bin/rpm";

/// Returns true if rpm can be used with a root directory; says loudly if it cannot.
pub(super) fn has_rpm() -> bool {
    let why = if !Path::new("/usr/bin/rpmbuild").exists() {
        "rpm is not installed"
    } else if !rustix::process::geteuid().is_root() {
        "only root may give rpm another root directory"
    } else {
        return true;
    };
    assert!(std::env::var_os("CI").is_none(), "rpm cannot be used here: {why}");
    let _ = writeln!(std::io::stderr(), "\n*** NOT TESTED: a machine with rpm: {why} ***\n");
    false
}

/// Builds the package in this version at `azcmagent.rpm`, with the program of the other one, and returns its digest.
pub(super) fn package(machine: &Onboarding, version: &str) -> String {
    let at = machine.scene.place.path();
    let program = at.join("build/opt/azcmagent/bin/azcmagent");
    let spec = format!(
        "Name: azcmagent\nVersion: {version}\nRelease: 1\nSummary: Stands in for the agent.\nLicense: none\n\
         BuildArch: noarch\nAutoReqProv: no\n%description\nStands in for the Azure Connected Machine agent.\n\
         %install\ninstall -D '{}' %{{buildroot}}/opt/azcmagent/bin/azcmagent\n\
         %files\n/opt/azcmagent/bin/azcmagent\n",
        program.display()
    );
    machine.scene.place.write("azcmagent.spec", spec);
    let define = format!("_topdir {}", at.join("rpmbuild").display());
    ran(Command::new("/usr/bin/rpmbuild")
        .args(["-bb", "--define", &define, "azcmagent.spec"])
        .current_dir(at));
    let built = at.join(format!("rpmbuild/RPMS/noarch/azcmagent-{version}-1.noarch.rpm"));
    std::fs::copy(built, at.join("azcmagent.rpm")).expect("the package");
    let digest = ran(Command::new("sha256sum").arg("azcmagent.rpm").current_dir(at));
    digest.out.split(' ').next().expect("a digest").to_owned()
}

/// Writes `bin/rpm`, which uses the root directory of the test, and notes what it is asked for.
pub(super) fn program(machine: &Onboarding) {
    let place = &machine.scene.place;
    let (root, runs) = (place.path().join("root"), place.path().join("rpm.runs"));
    // Debian's rpm has its database in the home of the user.
    let options = format!("--dbpath /var/lib/rpm --root '{}'", root.display());
    let program = format!("echo \"$1\" >>'{}'\nexec {RPM} {options} \"$@\"", runs.display());
    script(place, "bin/rpm", &program);
}

#[test]
fn a_machine_with_rpm_is_onboarded() {
    if !has_rpm() {
        return;
    }
    let machine = Onboarding::of("onboard");
    let place = &machine.scene.place;
    program(&machine);
    let run = |version: &str| {
        let digest = package(&machine, version);
        let path = |name: &str| place.path().join(name).display().to_string();
        // After the values of the world: the last one wins.
        let options = [
            "-var=package_format=rpm".to_owned(),
            format!("-var=package={}", path("azcmagent.rpm")),
            format!("-var=package_sha256={digest}"),
            format!("-var=cache={}", path("cache")),
        ];
        ran(machine.scene.command_of_runbook(&["run", "-auto-approve"]).args(options));
        let installed = ran(Command::new(place.path().join("bin/rpm")).args(["--query", "azcmagent"]));
        let upgrades = machine.read("rpm.runs").lines().filter(|word| *word == "--upgrade").count();
        (installed.out.trim().to_owned(), upgrades)
    };
    // The agent is installed once, not replaced by an older package, and replaced by a newer one.
    assert_eq!(run("1.50"), ("azcmagent-1.50-1.noarch".to_owned(), 1));
    machine.check_done();
    assert_eq!(run("1.50"), ("azcmagent-1.50-1.noarch".to_owned(), 1));
    assert_eq!(run("1.9"), ("azcmagent-1.50-1.noarch".to_owned(), 1));
    assert_eq!(run("1.51"), ("azcmagent-1.51-1.noarch".to_owned(), 2));
    machine.check_done();
}

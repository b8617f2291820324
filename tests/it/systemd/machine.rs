//! The service under a systemd of its own, with the lab as its agent and its Azure.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::units::text;
use crate::cloud::WORLD;
use crate::support::{Place, Ran, finished, mode, repository};

const SECRET: &str = "canary-7f3d";

/// A secret value of a variable, a secret of the vault, and a blob.
const SITE: &str = r#"
variable "region" {}

variable "key" { sensitive = true }

step "keyvault_secret" "word" {
  vault = "kv01"
  name  = "word"
}

step "blob_container" "reports" {
  account = "acc01"
  name    = "reports"
}

step "blob_upload" "report" {
  account   = "acc01"
  container = step.blob_container.reports.name
  name      = "${var.region}.txt"
  content   = "${var.key} ${step.keyvault_secret.word.value}"
}
"#;

/// A program that says what it may do.
const REACH: &str = r#"
step "exec" "reach" {
  argv = ["sh", "-c", <<-SCRIPT
    for place in /etc/arcbook /usr/bin /var/lib /srv /root /home /run /tmp /var/tmp; do
      touch $place/probe 2>/dev/null && echo "writes $place"
    done
    ls /root /home 2>/dev/null && echo "reads homes"
    grep -E "^(NoNewPrivs|Seccomp|CapEff|CapBnd):" /proc/self/status
    id -Gn
    chown 0 /tmp/probe 2>/dev/null && echo "changes owners"
    unshare --user true 2>/dev/null && echo "makes namespaces"
    true
  SCRIPT
  ]
}

output "reach" { value = step.exec.reach.stdout }
"#;

/// A run that takes long.
const SLOW: &str = r#"
step "exec" "slow" { argv = ["sh", "-c", "echo > /run/began"] }

step "wait" "slow" {
  duration   = "1h"
  depends_on = [step.exec.slow]
}
"#;

/// A change of the machine itself.
const LOCAL: &str = r#"
step "file" "page" {
  path    = "/srv/site/index.html"
  content = "a page\n"
}

step "exec" "outside" { argv = ["sh", "-c", "! touch /etc/probe && ! touch /usr/bin/probe"] }
"#;

/// An nginx as Debian has it, with a certificate of its own making at first.
const NGINX: &str = r"
user www-data;
pid /run/nginx.pid;
error_log /var/log/nginx/error.log;
events {}
http {
  access_log /var/log/nginx/access.log;
  server {
    listen 443 ssl;
    ssl_certificate /etc/nginx/tls/web.crt;
    ssl_certificate_key /etc/nginx/tls/web.key;
  }
}
";

/// The operator of the machine; each line of `results` has an instance, its result and its exit code.
const OPERATOR: &str = r#"
coproc LAB { exec arcbook lab -json /root/world.lab.hcl; }
exec 5<&"${LAB[0]}"
read -r lab <&5
cat <&5 >/root/lab.log &
for name in site alone lab; do
  cat >/etc/arcbook/$name.env <<END
IMDS_ENDPOINT=http://localhost:40342
IDENTITY_ENDPOINT=http://localhost:40342/metadata/identity/oauth2/token
ARCBOOK_CLOUD=$(sed 's/.*"arm":"\([^"]*\)".*/\1/' <<<"$lab")
ARCBOOK_VAR_region=west
END
done
run() {
  systemctl start "arcbook@$1" && code=0 || code=$(systemctl show "arcbook@$1" -P ExecMainStatus)
  echo "$2 $code" >>/root/results
}
run site first
run site second
run alone alone
run wrong wrong
run reach reach
run local local

mkdir -p /etc/nginx/tls /var/log/nginx /var/lib/nginx
printf '[req]\ndistinguished_name = name\n[name]\n' >/root/openssl.cnf
openssl req -config /root/openssl.cnf -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=first \
  -keyout /etc/nginx/tls/web.key -out /etc/nginx/tls/web.crt 2>/dev/null
nginx
chmod 0755 /root/repository/runbooks/certificate/serves
(cd /root/repository && bash -e /root/every-day.sh) && echo "every day $(systemctl is-active arcbook@certificate.timer)" >>/root/results
run certificate unchanged

mkfifo -m 0666 /run/began
systemctl start --no-block arcbook@slow
read -r </run/began
systemctl stop arcbook@slow
echo "stopped $(systemctl is-failed arcbook@slow)" >>/root/results

systemctl start arcbook@site.timer
echo "timer $(systemctl is-active arcbook@site.timer)" >>/root/results
arcbook output reach -raw -journal /var/lib/arcbook/reach -runbook /etc/arcbook/reach >/root/reach
for name in site reach slow local certificate; do
  arcbook show latest -journal /var/lib/arcbook/$name >"/root/$name.show"
  arcbook verify -journal /var/lib/arcbook/$name >/dev/null || echo "$name altered" >>/root/results
done
"#;

/// The files of the machine, by their paths.
fn files() -> BTreeMap<&'static str, String> {
    let log = "[Unit]\nOnFailure=told@%i.service\n[Service]\nStandardOutput=append:/root/%i.log\n\
               StandardError=append:/root/%i.log\n";
    let told = "[Service]\nType=oneshot\nExecStart=/bin/sh -c 'echo %i >> /root/told'\n";
    let operator = "[Service]\nType=oneshot\nExecStart=/bin/bash /root/operator.sh\nExecStopPost=/bin/sh -c ': > /root/ended'\n\
                    StandardOutput=append:/root/operator.log\nStandardError=append:/root/operator.log\nTimeoutStartSec=900\n";
    let certificate = |name: &str| {
        let file = repository().join("runbooks/certificate").join(name);
        std::fs::read_to_string(file).expect("a file of the runbook")
    };
    let readme = certificate("README.md");
    let every_day = readme.split("## Every day\n").nth(1).and_then(|part| part.split("```").nth(1));
    let every_day = every_day.expect("commands").replace("=NAME", "=kv01");
    let vault = "  secret \"word\"";
    let declared = format!("  certificate \"web\" {{ subject = \"www.example.net\" }}\n{vault}");
    BTreeMap::from([
        ("root/operator.sh", OPERATOR.to_owned()),
        ("root/world.lab.hcl", WORLD.replace(vault, &declared)),
        ("etc/nginx/nginx.conf", NGINX.to_owned()),
        ("root/every-day.sh", every_day.replace("www.contoso.com", "www.example.net")),
        ("root/repository/runbooks/certificate/certificate.runbook.hcl", certificate("certificate.runbook.hcl")),
        ("root/repository/runbooks/certificate/serves", certificate("serves")),
        ("root/repository/integrations/systemd/machine.conf", text("machine.conf")),
        ("etc/systemd/system/arcbook@certificate.service.d/lab.conf", "[Service]\nEnvironmentFile=/etc/arcbook/lab.env\n".to_owned()),
        ("etc/arcbook/site/main.runbook.hcl", SITE.to_owned()),
        ("etc/arcbook/site.secrets.json", format!("{{ \"key\": \"{SECRET}\" }}")),
        ("etc/arcbook/alone/main.runbook.hcl", "step \"keyvault_secret\" \"_word\" {\n  vault = \"kv01\"\n  name  = \"word\"\n}\nvariable \"region\" {}\n".to_owned()),
        ("etc/arcbook/wrong/main.runbook.hcl", "step \"eko\" \"a\" {}\n".to_owned()),
        ("etc/arcbook/reach/main.runbook.hcl", REACH.to_owned()),
        ("etc/arcbook/slow/main.runbook.hcl", SLOW.to_owned()),
        ("etc/arcbook/local/main.runbook.hcl", LOCAL.to_owned()),
        ("etc/systemd/system/arcbook@.service", text("arcbook@.service")),
        ("etc/systemd/system/arcbook@.timer", text("arcbook@.timer")),
        ("etc/systemd/system/arcbook@.service.d/log.conf", log.to_owned()),
        ("etc/systemd/system/arcbook@local.service.d/machine.conf", text("machine.conf")),
        ("etc/systemd/system/arcbook@local.service.d/paths.conf", "[Service]\nReadWritePaths=/srv/site\n".to_owned()),
        ("etc/systemd/system/arcbook@alone.service.d/group.conf", "[Service]\nSupplementaryGroups=\n".to_owned()),
        ("etc/systemd/system/told@.service", told.to_owned()),
        ("etc/systemd/system/operator.service", operator.to_owned()),
        ("etc/systemd/system/go.target", "[Unit]\nDefaultDependencies=no\nWants=operator.service\n".to_owned()),
    ])
}

/// Boots the machine and returns what the operator did there; none if this computer does not let it boot.
fn booted() -> Option<(Place, PathBuf)> {
    let place = Place::new();
    for (path, content) in files() {
        place.write(path, content);
    }
    place.write("machine/srv/site/.keep", "");
    let secrets = place.path().join("etc/arcbook/site.secrets.json");
    std::fs::set_permissions(secrets, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("set");
    let mut command = Command::new(repository().join("tests/systemd/machine.sh"));
    let ran = Ran::of(finished(command.arg(place.path()).arg(env!("CARGO_BIN_EXE_arcbook"))));
    if ran.code == Some(77) {
        let why = std::fs::read_to_string(place.path().join("machine.err")).unwrap_or_default();
        let _ = writeln!(
            std::io::stderr(),
            "\n*** NOT TESTED: the service under systemd: {}{why} ***\n",
            ran.err
        );
        return None;
    }
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    let root = place.path().join("machine/root");
    Some((place, root))
}

/// Returns the files below a directory, without links and pipes.
fn regular_files(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).expect("readable").flatten();
    let found = entries.flat_map(|entry| match entry.file_type().expect("a type") {
        kind if kind.is_dir() => regular_files(&entry.path()),
        kind if kind.is_file() => vec![entry.path()],
        _ => Vec::new(),
    });
    found.collect()
}

#[test]
fn the_service_runs_under_systemd() {
    let Some((place, root)) = booted() else { return };
    let read = |name: &str| std::fs::read_to_string(root.join(name)).unwrap_or_default();
    let seen = |name: &str| format!("{name}: {}\n{}", read(name), read("operator.log"));
    let results = "first 0\nsecond 0\nalone 1\nwrong 3\nreach 0\nlocal 0\nevery day active\nunchanged 0\nstopped inactive\ntimer active\n";
    assert_eq!(
        read("results"),
        results,
        "{}{}{}",
        seen("site.log"),
        seen("local.log"),
        seen("certificate.log")
    );
    assert_eq!(read("told"), "alone\nwrong\n", "the units that failed");

    let log = read("site.log");
    assert_eq!(log.matches("2 changed something").count(), 1, "{log}");
    assert_eq!(log.matches("Done: 3 of 3 steps done;").count(), 1, "{log}");
    assert!(log.contains("The record is /var/lib/arcbook/site/") && log.contains("(sha256 "), "{log}");
    assert!(read("alone.log").contains("join the group `himds`"), "{}", seen("alone.log"));
    assert!(read("wrong.log").contains("there is no step type `eko`"), "{}", seen("wrong.log"));

    let reach = read("reach");
    for part in [
        "NoNewPrivs:\\t1",
        "Seccomp:\\t2",
        "CapEff:\\t0000000000000000",
        "CapBnd:\\t0000000000000000",
        "himds",
    ] {
        assert!(reach.replace('\t', "\\t").contains(part), "no {part} in {reach}");
    }
    let may: Vec<&str> = reach.lines().map(str::trim).filter(|line| line.starts_with("writes ")).collect();
    assert_eq!(may, ["writes /tmp", "writes /var/tmp"], "{reach}");
    for part in ["reads homes", "changes owners", "makes namespaces"] {
        assert!(!reach.contains(part), "{reach}");
    }

    assert!(read("slow.show").contains("interrupted"), "{}", seen("slow.show"));
    let page = place.path().join("machine/srv/site/index.html");
    assert_eq!(std::fs::read_to_string(page).expect("the page"), "a page\n");

    // The drop-in as it is shipped lets nginx test the files of the certificate, and load them.
    let certificate = read("certificate.log");
    assert_eq!(certificate.matches("step.exec.reload: updated").count(), 1, "{certificate}");

    let records = place.path().join("machine/var/lib/private/arcbook/site");
    assert_eq!(mode(&records), 0o700);
    let left = ["root", "var", "tmp", "etc"].map(|name| place.path().join("machine").join(name));
    let given = ["site.secrets.json", "world.lab.hcl"];
    for path in left.iter().flat_map(|directory| regular_files(directory)) {
        let is_given = given.iter().any(|name| path.ends_with(name));
        let text = String::from_utf8_lossy(&std::fs::read(&path).expect("readable")).into_owned();
        assert!(is_given || !text.contains(SECRET) && !text.contains("canary-5e1f"), "{}", path.display());
    }
}

//! Machines for Ansible: each has a directory, a home and an Azure of its own.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use serde_json::{Map, Value as Json, json};

use crate::cloud::Cloud;
use crate::environment;
use crate::support::{Place, Ran, finished, repository};

/// A runbook that reads a secret, and makes a container with one blob.
pub const RUNBOOK: &str = r#"
variable "role" {
  type    = string
  default = "web"
}

variable "key" {
  type      = string
  default   = "none"
  sensitive = true
}

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
  name      = "report.txt"
  content   = "a report"
  metadata  = { role = var.role }
}

output "role" { value = var.role }

output "url" { value = step.blob_upload.report.url }

output "word" {
  value     = [step.keyvault_secret.word.value, var.key]
  sensitive = true
}
"#;

/// The programs of Ansible, and the collection as `ansible-galaxy` installs it.
#[derive(Clone)]
pub struct Ansible {
    programs: PathBuf,
    pub collections: PathBuf,
}

impl Ansible {
    /// Installs Ansible and the collection, once; says loudly if something for that is missing.
    pub fn installed() -> Option<&'static Self> {
        static INSTALLED: OnceLock<Result<Ansible, String>> = OnceLock::new();
        match INSTALLED.get_or_init(Self::install) {
            Ok(ansible) => Some(ansible),
            Err(why) => {
                assert!(std::env::var_os("CI").is_none(), "Ansible cannot be used here: {why}");
                let _ = writeln!(std::io::stderr(), "\n*** NOT TESTED: the Ansible collection: {why} ***\n");
                None
            }
        }
    }

    fn install() -> Result<Self, String> {
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("ansible");
        let python = environment::python(&repository().join("tests/ansible"), &directory)?;
        let programs = python.parent().ok_or("Python has no directory")?.to_owned();
        let ansible = Self { programs, collections: directory.join("collections") };
        let built = tempfile::tempdir().map_err(|error| error.to_string())?;
        let path = |path: &Path| path.to_string_lossy().into_owned();
        let (source, out) = (path(&repository().join("integrations/ansible")), path(built.path()));
        ansible.galaxy(&["build", "--output-path", &out, &source], built.path())?;
        let archive = std::fs::read_dir(built.path()).map_err(|error| error.to_string())?.flatten();
        let archive = archive.map(|entry| path(&entry.path())).find(|name| name.ends_with(".tar.gz"));
        let archive = archive.ok_or("no archive was built")?;
        let into = path(&ansible.collections);
        ansible.galaxy(&["install", "--offline", "--force", "-p", &into, &archive], built.path())?;
        Ok(ansible)
    }

    fn galaxy(&self, words: &[&str], home: &Path) -> Result<(), String> {
        let ran = Ran::of(finished(self.command("ansible-galaxy", home).arg("collection").args(words)));
        if ran.code == Some(0) { Ok(()) } else { Err(ran.seen()) }
    }

    /// Builds a command of one of the programs.
    pub fn command(&self, program: &str, home: &Path) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command.env_clear().current_dir(home).envs([
            ("PATH", std::env::var_os("PATH").unwrap_or_default()),
            ("HOME", home.into()),
            ("LANG", "C.UTF-8".into()),
            ("ANSIBLE_COLLECTIONS_PATH", self.collections.clone().into()),
            ("ANSIBLE_NOCOLOR", "1".into()),
        ]);
        command
    }
}

/// Machines that Ansible manages from a directory.
pub struct Machines {
    pub place: Place,
    pub ansible: &'static Ansible,
    /// The name and the Azure of each machine.
    clouds: Vec<(&'static str, Cloud)>,
    /// The options of each machine's task.
    options: Map<String, Json>,
}

impl Machines {
    /// Starts machines with these names, each with the runbook; none if Ansible is missing.
    pub fn start(names: &[&'static str]) -> Option<Self> {
        let ansible = Ansible::installed()?;
        let clouds: Vec<_> = names.iter().map(|name| (*name, Cloud::start())).collect();
        let options = json!({
            "path": "{{ directory }}/runbook", "journal": "{{ directory }}/runs", "executable": "{{ arcbook }}",
        });
        let Json::Object(options) = options else { return None };
        let machines = Self { place: Place::new(), ansible, clouds, options };
        for name in names {
            machines.place.write(&format!("{name}/runbook/main.runbook.hcl"), RUNBOOK);
            machines.place.write(&format!("{name}/home/.keep"), "");
        }
        machines.place.write("controller/inventory.json", machines.inventory().to_string());
        Some(machines)
    }

    fn inventory(&self) -> Json {
        let host = |(name, cloud): &(&'static str, Cloud)| {
            let directory = self.place.path().join(name);
            let variables = json!({
                "directory": directory,
                "ansible_remote_tmp": directory.join("tmp"),
                "environment_of_machine": {
                    "HOME": directory.join("home"),
                    "IMDS_ENDPOINT": cloud.lab.himds().url,
                    "IDENTITY_ENDPOINT": cloud.lab.himds().identity,
                    "ARCBOOK_TEST_KEYS": cloud.lab.token_dir(),
                    "ARCBOOK_CLOUD": cloud.lab.azure().arm,
                },
            });
            ((*name).to_owned(), variables)
        };
        let hosts: Map<String, Json> = self.clouds.iter().map(host).collect();
        json!({ "all": { "hosts": hosts, "vars": {
            "ansible_connection": "local",
            "ansible_python_interpreter": "/usr/bin/python3",
            "arcbook": env!("CARGO_BIN_EXE_arcbook"),
        } } })
    }

    /// Sets an option of the task.
    pub fn set(&mut self, name: &str, value: impl Into<Json>) {
        self.options.insert(name.to_owned(), value.into());
    }

    pub fn cloud(&self, name: &str) -> &Cloud {
        &self.clouds.iter().find(|(own, _)| *own == name).expect("a machine").1
    }

    /// Runs a play with the module on all machines; `more` are options of `ansible-playbook`.
    pub fn play(&self, more: &[&str]) -> Ran {
        let task = json!({ "name": "Run the runbook", "arcbook.arcbook.arcbook": self.options, "register": "result" });
        self.play_tasks(&[task], "result", more)
    }

    /// Runs a play with these tasks, one of which registers its result as `register`.
    ///
    /// A task that fails ends the play on its machine, after its result was kept.
    pub fn play_tasks(&self, tasks: &[Json], register: &str, more: &[&str]) -> Ran {
        let keep = json!({
            "name": "Keep the result",
            "ansible.builtin.copy": {
                "content": format!("{{{{ {register} | to_json }}}}"), "dest": "{{ directory }}/result.json",
            },
            "check_mode": false, "changed_when": false, "diff": false, "when": format!("{register} is defined"),
        });
        let play = json!([{
            "hosts": "all",
            "gather_facts": false,
            "environment": "{{ environment_of_machine }}",
            "tasks": [{ "block": tasks, "always": [keep] }],
        }]);
        self.place.write("controller/play.yml", play.to_string());
        for (name, _) in &self.clouds {
            let _ = std::fs::remove_file(self.place.path().join(name).join("result.json"));
        }
        let home = self.place.path().join("controller");
        let mut command = self.ansible.command("ansible-playbook", &home);
        Ran::of(finished(command.args(["-i", "inventory.json", "play.yml"]).args(more)))
    }

    /// Returns the result of the last task on a machine.
    pub fn result(&self, name: &str) -> Json {
        let text =
            std::fs::read_to_string(self.place.path().join(name).join("result.json")).expect("a result");
        serde_json::from_str(&text).expect("JSON")
    }

    /// Returns the numbers of changes to each machine's Azure.
    pub fn changes(&self) -> Vec<usize> {
        self.clouds.iter().map(|(_, cloud)| cloud.changes().len()).collect()
    }
}

/// Returns a number of the recap of a machine, such as that of `changed`.
pub fn recap(ran: &Ran, machine: &str, word: &str) -> u32 {
    let recap = ran.out.split("PLAY RECAP").nth(1).unwrap_or_else(|| panic!("no recap: {}", ran.seen()));
    let line = recap.lines().find(|line| line.starts_with(machine)).expect("the machine");
    let number = line.split(&format!(" {word}=")).nth(1).expect("the word").split_whitespace().next();
    number.and_then(|number| number.parse().ok()).expect("a number")
}

/// Returns the step and the action of each change of a result.
pub fn changes(result: &Json) -> Vec<(String, String)> {
    let text = |value: &Json| value.as_str().expect("text").to_owned();
    let changes = result["changes"].as_array().unwrap_or_else(|| panic!("{result}"));
    changes.iter().map(|change| (text(&change["step"]), text(&change["action"]))).collect()
}

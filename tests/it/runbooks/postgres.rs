//! The PostgreSQL lab: a row of a real server, over TLS.

use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::life::{self, Stage};
use super::scene::Scene;
use crate::free_port::free_port;
use crate::postgres::entra;
use crate::postgres::server::Postgres;
use crate::support::{Place, Ran, copy, finished, mode, repository};

const MACHINE: &str = "ArcBox-Ubuntu-01";

/// The place of the database in the world of the runbook.
const PLACE: &str = "psql --host=localhost --port=5432 --username=visitor --dbname=site";

/// Makes a database with the table of the runbook; returns its name.
pub fn database(server: &Postgres, role: &str) -> String {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    static VISITOR: OnceLock<()> = OnceLock::new();
    let visitor = || server.psql("admin", "postgres", "CREATE ROLE visitor LOGIN PASSWORD 'visits'");
    VISITOR.get_or_init(|| drop(visitor()));
    let name = format!("site{}", NUMBER.fetch_add(1, Ordering::Relaxed));
    server.psql("admin", "postgres", &format!("CREATE DATABASE {name}"));
    let mut psql = server.client("admin", &name);
    psql.arg("-v").arg(format!("role={role}")).arg("-f").arg(repository().join("runbooks/postgres/site.sql"));
    let ran = Ran::of(finished(&mut psql));
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    name
}

/// Returns the table of the runbook.
pub fn machines(server: &Postgres, database: &str) -> String {
    server.psql("admin", database, "SELECT name || ' in ' || datacentre FROM machines ORDER BY name")
}

struct Lab {
    scene: Scene,
    database: String,
}

impl Lab {
    /// Sets up the runbook with a database of its own; `secret` makes `psql-cmd` from its port and name.
    fn with(secret: impl FnOnce(u16, &str) -> String) -> Self {
        let server = Postgres::shared();
        let database = database(server, "visitor");
        let secret = secret(server.port, &database);
        let scene = Scene::in_world("postgres", |world| {
            assert!(world.contains(PLACE), "{world}");
            world.replace(PLACE, &secret)
        });
        Self { scene: scene.environment("SSL_CERT_FILE", server.authority()), database }
    }

    fn pgpass(&self) -> std::path::PathBuf {
        self.scene.place.path().join("postgres/pgpass")
    }

    fn machines(&self) -> String {
        machines(Postgres::shared(), &self.database)
    }
}

impl Stage for Lab {
    fn set_up() -> Self {
        Self::with(|port, name| {
            PLACE.replace("5432", &port.to_string()).replace("dbname=site", &format!("dbname={name}"))
        })
    }

    fn scene(&self) -> &Scene {
        &self.scene
    }

    /// The transactions that wrote the rows.
    fn changes(&self) -> usize {
        let written = "SELECT coalesce(sum(xmin::text::bigint), 0) FROM machines";
        Postgres::shared().psql("admin", &self.database, written).parse().expect("a number")
    }

    fn check_done(&self) {
        assert_eq!(self.machines(), "ArcBox-Ubuntu-01 in Azure Citadel");
        let pgpass = std::fs::read_to_string(self.pgpass()).expect("the file with the password");
        assert_eq!((pgpass.as_str(), mode(&self.pgpass())), ("localhost:*:*:visitor:visits\n", 0o600));
    }

    fn check_undone(&self) {
        assert_eq!(self.machines(), "");
        assert!(!self.pgpass().exists());
    }
}

#[test]
fn runs_again_and_undoes() {
    life::runs_again_and_undoes::<Lab>();
}

#[test]
fn survives_kills() {
    life::survives_kills::<Lab>();
}

/// The Azure CLI writes a URI with the password, and earlier versions wrote a command line.
#[test]
fn every_form_of_the_secret_logs_in() {
    for form in [
        "postgresql://visitor:visits@localhost:PORT/NAME?sslmode=require",
        "psql \\\"host=localhost port=PORT dbname=NAME user=visitor password=visits sslmode=require\\\"",
        "PGPASSWORD=visits psql --host=localhost --port=PORT --username=visitor NAME",
    ] {
        let lab = Lab::with(|port, name| form.replace("PORT", &port.to_string()).replace("NAME", name));
        let ran = lab.scene.ran_runbook(&["run", "-auto-approve"]);
        assert_eq!(ran.code, Some(0), "{form}: {}", ran.seen());
        lab.check_done();
        assert!(!ran.seen().contains("visits"), "{}", ran.seen());
        let undone = lab.scene.ran(&["undo", "-auto-approve"]);
        assert_eq!(undone.code, Some(0), "{form}: {}", undone.seen());
        lab.check_undone();
    }
}

/// A command line is data: no shell and no psql sees it.
#[test]
fn a_secret_that_does_more_than_connect_is_refused() {
    let connect = "psql --host=localhost --port=PORT --username=visitor --dbname=NAME";
    for (form, expected) in [
        (format!("{connect} -c 'DROP TABLE machines'"), "word 6 is another one"),
        (format!("{connect}; touch ran"), "a second command"),
        (format!("{connect} -U $(touch ran)"), "a command after `$`"),
        (format!("sh -c '{connect}'"), "must be a URI"),
    ] {
        let lab = Lab::with(|port, name| form.replace("PORT", &port.to_string()).replace("NAME", name));
        let ran = lab.scene.ran_runbook(&["run", "-auto-approve"]);
        assert!(ran.code == Some(1) && ran.err.contains(expected), "{form}: {}", ran.seen());
        assert!(!ran.seen().contains("touch") && !ran.seen().contains("DROP"), "{}", ran.seen());
        assert_eq!(lab.machines(), "");
        assert!(!lab.scene.place.path().join("postgres/ran").exists());
    }
}

#[test]
fn a_host_that_was_not_expected_is_refused() {
    let lab = Lab::set_up();
    let options = ["run", "-auto-approve", "-var=host=db.example.net"];
    let ran = lab.scene.ran_runbook(&options);
    assert!(
        ran.code == Some(1) && ran.err.contains("`host` differs from that of `connection`"),
        "{}",
        ran.seen()
    );
    assert_eq!(lab.machines(), "");
}

#[test]
fn a_vault_that_is_missing_or_not_the_only_one_is_told() {
    let vault = "key_vault \"arcpg00000000\"";
    let second = "\nkey_vault \"second\" { resource_group = \"arc_pilot\" }\n";
    let none = |world: String| {
        let at = world.find(vault).expect("a vault");
        world[..at].to_owned()
    };
    let two = |world: String| format!("{world}{second}");
    for (scene, expected) in [
        (Scene::in_world("postgres", none), "sees no vault"),
        (Scene::in_world("postgres", two), "choose one of arcpg00000000, second with -var vault=NAME"),
    ] {
        let ran = scene.ran_runbook(&["run", "-auto-approve"]);
        let told = ran.err.replace("\n  ", " ");
        assert!(ran.code == Some(1) && told.contains(expected), "{}", ran.seen());
    }
}

/// Logs in as `user` with a token of the machine, which is a member of the database as `MACHINE`.
fn with_token(user: &str, check: impl FnOnce(&Scene, &Ran, String)) {
    let server = Postgres::shared();
    let database = database(server, user);
    let secret = format!(
        "psql --host=db.postgres.localhost --port={} --username={user} --dbname={database}",
        server.port
    );
    let scene = Scene::in_world("postgres", |world| world.replace(PLACE, &secret));
    let options = ["-var=entra=true".to_owned()];
    let scene = scene.options(options).environment("SSL_CERT_FILE", server.authority());
    let scene = with_databases_at(scene, server.port);
    let lab = &scene.cloud.lab;
    let machine = lab.principals().find(|principal| principal.name == MACHINE).expect("a machine").object_id;
    let audience = format!("http://ossrdbms.localhost:{}", lab.azure().port);
    let is_valid =
        |user: &str, token: &str| user == MACHINE && lab.verified(token) == Some((machine, audience.clone()));
    entra::admit(server, user, is_valid, || {
        let ran = scene.ran_runbook(&["run", "-auto-approve"]);
        assert!(!ran.seen().contains("eyJ0"), "{}", ran.seen());
        check(&scene, &ran, database);
    });
}

/// Describes the lab as a cloud with databases at this port; its own description has those of Azure's port.
fn with_databases_at(scene: Scene, port: u16) -> Scene {
    let url = format!("{}/metadata/endpoints?api-version=2022-09-01", scene.cloud.lab.azure().arm);
    let document = Ran::of(finished(Command::new("curl").args(["-sSf", &url]))).out;
    let suffix = "\"postgres.localhost\"";
    assert!(document.contains(suffix), "{document}");
    scene.place.write("cloud.json", document.replace(suffix, &format!("\"postgres.localhost:{port}\"")));
    let path = scene.place.path().join("cloud.json");
    scene.environment("ARCBOOK_CLOUD", path)
}

#[test]
fn a_token_of_the_machine_is_the_password() {
    let server = Postgres::shared();
    server.psql("admin", "postgres", &format!("CREATE ROLE \"{MACHINE}\" LOGIN"));
    with_token(MACHINE, |scene, ran, database| {
        assert_eq!(ran.code, Some(0), "{}", ran.seen());
        assert_eq!(machines(server, &database), "ArcBox-Ubuntu-01 in Azure Citadel");
        assert!(!scene.place.path().join("postgres/pgpass").exists());
        let undone = scene.ran(&["undo", "-auto-approve"]);
        assert_eq!((undone.code, machines(server, &database)), (Some(0), String::new()), "{}", undone.seen());
    });
}

#[test]
fn a_token_of_the_machine_is_no_password_of_others() {
    let server = Postgres::shared();
    server.psql("admin", "postgres", "CREATE ROLE somebody LOGIN");
    with_token("somebody", |_, ran, database| {
        assert!(ran.code == Some(1) && ran.err.contains("28"), "{}", ran.seen());
        assert_eq!(machines(server, &database), "");
    });
}

/// Returns the command for an interactive psql in the shell of the lab, as the README writes it.
fn interactive() -> String {
    let readme =
        std::fs::read_to_string(repository().join("runbooks/postgres/README.md")).expect("the README");
    let after = readme.split("/server sh` opens, `").nth(1).expect("the shell");
    after.split('`').next().expect("a command").to_owned()
}

/// The command of the README, with the server that it starts, and an interactive psql afterwards.
#[test]
fn the_lab_runs_in_one_command() {
    let place = Place::new();
    let folder = place.path().join("runbooks/postgres");
    copy(&repository().join("runbooks/postgres"), &folder);
    let port = free_port().to_string();
    let world = folder.join("postgres.lab.hcl");
    let text = std::fs::read_to_string(&world).expect("the world").replace("5432", &port);
    std::fs::write(world, text).expect("written");
    let script = format!(
        "arcbook() {{ \"$program\" \"$@\"; }}; program=$0; export PSQLRC=/dev/null; \
        arcbook run -lab -auto-approve runbooks/postgres && \
        {} -At -c 'SELECT name FROM machines' && \
        arcbook undo -runbook runbooks/postgres -auto-approve -quiet && \
        PGPASSWORD=visits psql -At 'host=localhost dbname=site user=visitor' -c 'SELECT count(*) FROM machines'",
        interactive()
    );
    let mut command = place.with_server("runbooks/postgres/server", &script);
    let ran = Ran::of(finished(command.env("PGPORT", &port)));
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    assert!(ran.out.contains("\nArcBox-Ubuntu-01\n") && ran.out.ends_with("\n0\n"), "{}", ran.seen());
}

//! The lab in a process of its own, so that what it costs is on no contender's bill.
//!
//! It first prints the contenders' environment, a JSON object on one line. To each line that it reads it answers with
//! a JSON array on one line: the requests since the one before. It ends with its input.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result};
use arcbook_benches::{Work, description, environment};
use arcbook_lab::{Lab, Options, World};
use clap::Parser;
use tokio::io::{AsyncBufReadExt as _, BufReader, stdin};

/// Where the agent lays its keys, and the only place where arcbook takes one from.
const KEYS: &str = "/var/opt/azcmagent/tokens";

/// Serve the lab that contenders are measured on.
#[derive(Parser)]
struct Arguments {
    /// What there is.
    world: PathBuf,
    /// How many milliseconds every request waits.
    latency: u64,
    /// Where to write the certificate of the authority.
    ca: PathBuf,
}

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::print_stdout, reason = "it is how this program speaks to the one that started it")]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let options = Options {
        https: true,
        token_dir: Some(KEYS.into()),
        latency: Duration::from_millis(arguments.latency),
        ..Options::default()
    };
    let lab = Lab::start(World::load(&arguments.world)?, options).await?;
    std::fs::write(&arguments.ca, lab.ca_pem().context("a lab without a certificate")?)?;
    let cloud = arguments.ca.with_file_name("cloud.json");
    std::fs::write(&cloud, description(&lab).to_string())?;
    println!("{}", serde_json::to_string(&environment(&lab, &arguments.ca, &cloud))?);

    let mut asked = BufReader::new(stdin()).lines();
    let mut told = 0;
    while asked.next_line().await?.is_some() {
        let requests = lab.requests();
        println!("{}", serde_json::to_string(&Vec::from(Work::of(&requests[told..])))?);
        told = requests.len();
    }
    lab.shutdown().await;
    Ok(())
}

//! The lab in a separate process, so that its cost is not measured with a contender's.
//!
//! It first prints the contenders' environment, a JSON object on one line. For each line of input it prints a
//! JSON array on one line: the requests since the line before. It exits at the end of its input.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result};
use arcbook_benches::{Work, description, environment};
use arcbook_lab::{Lab, Options, World};
use clap::Parser;
use tokio::io::{AsyncBufReadExt as _, BufReader, stdin};

/// The agent's key directory, the only one from which arcbook reads keys.
const KEYS: &str = "/var/opt/azcmagent/tokens";

/// Serve the lab that contenders are measured on
#[derive(Parser)]
struct Arguments {
    /// World file
    world: PathBuf,
    /// Delay of each request, in milliseconds
    latency: u64,
    /// File to write the authority's certificate to
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

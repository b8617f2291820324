//! The step type `host`.

use std::time::{SystemTime, UNIX_EPOCH};

use arcbook_engine::step::{
    Action, Arg, Arguments, Effect, ErrorKind, Outputs, Response, StepError, Text, Title,
};

use crate::azure::Azure;
use crate::keyvault::Moment;
use crate::os::Os;
use crate::probe::{self, HostFacts};
use crate::session::Session;
use crate::step::{Done, TypedStep};

/// The path whose file system is looked at, unless `path` names another.
const ROOT: &str = if cfg!(windows) { r"C:\" } else { "/" };

/// Reads facts about this computer and the account that runs arcbook.
///
/// It sends nothing and needs no privilege. The facts are those of the operating system; `metadata` has those of Azure.
#[derive(Arguments, Debug)]
pub struct Host {
    /// Path on the file system whose space counts; one that is missing counts as its directory. Defaults to `/`, or `C:\` on
    /// Windows.
    path: Option<Arg<String>>,
}

/// The outputs of `host`; one that the system does not tell is null.
#[derive(Outputs, Debug)]
pub struct Facts {
    /// Name of the computer.
    #[output(answer)]
    name: Option<String>,
    /// Operating system: `linux` or `windows`.
    #[output(answer)]
    os: String,
    /// Name and version of the operating system, such as `Debian GNU/Linux 12 (bookworm)`.
    #[output(answer)]
    product: Option<String>,
    /// Name and release of the kernel, such as `Linux 6.1.0`.
    #[output(answer)]
    kernel: Option<String>,
    /// Architecture of the processor that arcbook is built for, such as `x86_64` or `aarch64`.
    #[output(answer)]
    architecture: String,
    /// Account that runs arcbook; on Windows with its domain.
    #[output(answer)]
    user: Option<String>,
    /// True if the account is root, or an administrator of Windows whose rights are in effect.
    #[output(answer)]
    elevated: bool,
    /// Groups in effect for this process, in order; a group without a name is its number. On Windows with their domains.
    ///
    /// A group that the account joined later than its login is not among them.
    #[output(answer)]
    groups: Vec<String>,
    /// Space of the file system that the account can still use, in bytes.
    #[output(answer)]
    disk_free: i64,
    /// Size of the file system, in bytes.
    #[output(answer)]
    disk_size: i64,
    /// Size of the main memory, in bytes.
    #[output(answer)]
    memory: Option<i64>,
    /// Time of this computer's clock, in UTC, such as `2030-01-31T12:00:00Z`.
    #[output(answer)]
    time: String,
}

impl Host {
    fn look(&self) -> Action {
        let path = match &self.path {
            Some(path) => Text::new().then_parts(path, Clone::clone),
            None => ROOT.into(),
        };
        Action::read_directory(path)
    }
}

impl TypedStep for Host {
    const TYPE: &'static str = "host";
    const EXAMPLE: &'static str = r#"step "host" "here" {
  path = "/var/lib"

  postcondition {
    condition     = self.disk_free > 2 * 1024 * 1024 * 1024
    error_message = "The agent needs 2 GiB below /var/lib."
  }
}

output "elevated" {
  value = step.host.here.elevated
}
"#;
    const EFFECT: Effect = Effect::Reads;
    const RESPONSE: Response = Response::None;
    type Output = Facts;

    fn title(&self) -> Title {
        Title::new("this computer")
    }

    fn actions(&self, _azure: &Azure) -> Vec<Action> {
        vec![self.look()]
    }

    async fn run(&self, session: &Session) -> Result<Done<Facts>, StepError> {
        let look = self.look();
        let space = session.with_file(&look, |path| {
            probe::space(path).map_err(|error| {
                StepError::new(ErrorKind::Local, "the space of the file system is not known")
                    .detail(format!("{error}."))
                    .argument("path")
                    .help("name an existing path that the account may search")
            })
        });
        let space = space.await?;
        let facts = tokio::task::spawn_blocking(HostFacts::read).await;
        let facts = facts.map_err(|_| StepError::internal("the facts of this computer broke off"))?;
        let whole = |bytes: u64| i64::try_from(bytes).unwrap_or(i64::MAX);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Ok(Done::unchanged(Facts {
            name: facts.name,
            os: match facts.os {
                Os::Linux => "linux",
                Os::Windows => "windows",
            }
            .to_owned(),
            product: facts.product,
            kernel: facts.kernel,
            architecture: std::env::consts::ARCH.to_owned(),
            user: facts.user,
            elevated: facts.is_elevated,
            groups: facts.groups,
            disk_free: whole(space.free),
            disk_size: whole(space.size),
            memory: facts.memory.map(whole),
            time: Moment(whole(now.as_secs())).shown(),
        }))
    }
}
